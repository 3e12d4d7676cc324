import fc from 'fast-check';
import { cases } from '../../support/cases';
import { CoriolisClient, pagingCursorAfter } from '../../../src/api/coriolis-client';
import { InvalidInputError, ProtocolError } from '../../../src/api/errors';
import { collect, failure, fakeRuntime, scripted } from './support';

interface Transfer {
  readonly id: string;
  readonly created_at: string;
  readonly updated_at: string | null;
}

/** Rows as a server orders them: newest first; three share a second, as real ones do. */
function estate(count: number): Transfer[] {
  return Array.from({ length: count }, (_unused, at) => ({
    id: `id-${String(count - at).padStart(6, '0')}`,
    created_at: new Date(Date.UTC(2026, 0, 1) - Math.floor(at / 3) * 1000).toISOString().replace('Z', '000'),
    updated_at: null,
  }));
}

interface Behaviour {
  /** Releases before 1.2.2: every request gets everything. */
  readonly ignoresPaging?: boolean;
  /** Called before each page with its number, from 1: the world moves meanwhile. */
  readonly before?: (page: number) => void;
}

/**
 * A client of a server that pages `rows` like Coriolis (docs/reference/coriolis-api.md §1.6), and the queries it got.
 */
function setUp(rows: Transfer[], { ignoresPaging = false, before }: Behaviour = {}) {
  const pages: Array<{ limit: number; marker: string | null; rows: number }> = [];
  const { transport } = scripted(({ url }) => {
    before?.(pages.length + 1);
    const query = new URLSearchParams(url.split('?')[1]);
    const marker = query.get('marker');
    const limit = Number(query.get('limit') ?? Number.POSITIVE_INFINITY);
    // An unknown marker is not found at -1, so it begins at the first row: as on the real server.
    const begin = rows.findIndex(({ id }) => id === marker) + 1;
    const page = ignoresPaging ? rows : rows.slice(begin, begin + limit);
    pages.push({ limit, marker, rows: page.length });
    return { body: { rows: page } };
  });
  const client = new CoriolisClient({ transport, runtime: fakeRuntime() });
  const list = (options: Parameters<CoriolisClient['getRows']>[2] = {}) =>
    client.getRows<Transfer>('/rows', 'rows', options);
  return { list, pages };
}

const ids = (rows: readonly Transfer[]): string[] => rows.map(({ id }) => id);
const remove = (rows: Transfer[], id: string | undefined): void => {
  rows.splice(
    rows.findIndex((row) => row.id === id),
    1,
  );
};

describe('listing everything', () => {
  it('gives each row once, in the server’s order, page by page', async () => {
    const rows = estate(12);
    const { list, pages } = setUp(rows);
    expect(await collect(list({ pageSize: 5 }))).toEqual(rows);
    expect(pages.map(({ limit, marker }) => [limit, marker])).toEqual([
      [5, null],
      [5, rows[4]?.id],
      [5, rows[9]?.id],
    ]);
  });

  it('asks for pages of 500', async () => {
    const { list, pages } = setUp(estate(1_200));
    expect(await collect(list())).toHaveLength(1_200);
    expect(pages.map(({ limit }) => limit)).toEqual([500, 500, 500]);
  });

  it('needs one more look when the last page is full', async () => {
    const { list, pages } = setUp(estate(10));
    expect(await collect(list({ pageSize: 5 }))).toHaveLength(10);
    expect(pages).toHaveLength(3);
  });

  it('of nothing gives nothing', async () => {
    expect(await collect(setUp([]).list())).toEqual([]);
  });

  it('fetches no page before it is wanted', async () => {
    const { list, pages } = setUp(estate(10));
    for await (const row of list({ pageSize: 5 })) {
      expect(row.id).toBe('id-000010');
      break;
    }
    expect(pages).toHaveLength(1);
  });

  it('keeps the caller’s own filters on every page', async () => {
    const { transport, requests } = scripted(() => ({ body: { rows: estate(3) } }));
    const client = new CoriolisClient({ transport, runtime: fakeRuntime() });
    await collect(client.getRows('/rows', 'rows', { query: { show_deleted: true }, pageSize: 10 }));
    expect(requests[0]?.url).toBe('/rows?show_deleted=true&limit=10');
  });

  it('says when the answer has no such list', async () => {
    const { transport } = scripted(() => ({ body: { deployments: [] } }));
    const client = new CoriolisClient({ transport, runtime: fakeRuntime() });
    expect(await failure(collect(client.getRows('/rows', 'rows')))).toBeInstanceOf(ProtocolError);
  });
});

describe('a limit', () => {
  it('ends the list, and keeps the pages small', async () => {
    const rows = estate(1_000);
    const { list, pages } = setUp(rows);
    expect(await collect(list({ limit: 7 }))).toEqual(rows.slice(0, 7));
    expect(pages.map(({ limit }) => limit)).toEqual([7]);
  });

  it('may span pages', async () => {
    const { list, pages } = setUp(estate(20));
    expect(await collect(list({ limit: 7, pageSize: 5 }))).toHaveLength(7);
    expect(pages.map(({ limit }) => limit)).toEqual([5, 2]);
  });

  it('of zero asks for nothing', async () => {
    const { list, pages } = setUp(estate(3));
    expect(await collect(list({ limit: 0 }))).toEqual([]);
    expect(pages).toEqual([]);
  });
});

describe('a server before 1.2.2, which sends everything whatever is asked', () => {
  it.each([4, 5, 6, 23])('gives each of %d rows once', async (count) => {
    const rows = estate(count);
    const { list } = setUp(rows, { ignoresPaging: true });
    expect(await collect(list({ pageSize: 5 }))).toEqual(rows);
  });

  it('need not order them: positions still hold', async () => {
    const rows = estate(23);
    const { list } = setUp(
      [...rows].sort((one, other) => (one.id.at(-1) ?? '').localeCompare(other.id.at(-1) ?? '')),
      { ignoresPaging: true },
    );
    const first = await collect(list({ limit: 10 }));
    const last = first.at(-1);
    const second = await collect(list(last === undefined ? {} : { after: pagingCursorAfter(last) }));
    expect([...first, ...second]).toEqual(rows);
  });
});

describe('an order of the caller’s own, from a server before 1.2.2', () => {
  const query = { sort_key: ['updated_at', 'id'], sort_dir: ['desc', 'asc'] };
  const times = ['2026-01-03', null, '2026-01-01', '2026-01-03', '2026-01-02', null];
  const rows = estate(6).map((row, at) => ({ ...row, updated_at: times[at] ?? null }));
  const ordered = [3, 0, 4, 2, 5, 1].map((at) => rows[at] as Transfer);

  it.each([1, 5, 6, 7])('is made here, nulls last when descending (pages of %d)', async (pageSize) => {
    const { list } = setUp(rows, { ignoresPaging: true });
    expect(await collect(list({ query, pageSize }))).toEqual(ordered);
  });

  it('goes on behind the row that an earlier window ended with', async () => {
    const { list } = setUp(rows, { ignoresPaging: true });
    const first = await collect(list({ query, limit: 2 }));
    const last = first.at(-1);
    const rest = await collect(
      list({ query, ...(last === undefined ? {} : { after: pagingCursorAfter(last) }) }),
    );
    expect([...first, ...rest]).toEqual(ordered);
  });
});

describe('a marker whose row is deleted meanwhile begins again at the first page', () => {
  it('without repeating or losing rows', async () => {
    const rows = estate(20);
    const all = ids(rows);
    const { list } = setUp(rows, {
      before: (page) => {
        if (page === 3) remove(rows, all[9]);
      },
    });
    expect(ids(await collect(list({ pageSize: 5 })))).toEqual(all);
  });

  it('also on the first page', async () => {
    const rows = estate(12);
    const all = ids(rows);
    const { list } = setUp(rows, {
      before: (page) => {
        if (page === 2) remove(rows, all[4]);
      },
    });
    expect(ids(await collect(list({ pageSize: 5 })))).toEqual(all);
  });

  it('on the way back leads over full pages, also when few rows are wanted', async () => {
    const rows = estate(1_000);
    const gone = rows[900];
    remove(rows, gone?.id);
    const { list, pages } = setUp(rows);
    const after = gone === undefined ? '' : pagingCursorAfter(gone);
    expect(await collect(list({ after, limit: 3, pageSize: 100 }))).toEqual(rows.slice(900, 903));
    expect(pages.length).toBeLessThan(15);
  });

  it('whatever is deleted and created while the list is read: no row that stays is lost, none comes twice', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ page: fc.nat(12), at: fc.nat(39) }), { maxLength: 8 }),
        fc.nat(3),
        fc.integer({ min: 1, max: 9 }),
        async (deletions, created, pageSize) => {
          const rows = estate(40);
          const all = ids(rows);
          const deleted = new Set(deletions.map(({ at }) => all[at]));
          const { list } = setUp(rows, {
            before: (page) => {
              for (const { at } of deletions.filter((deletion) => deletion.page === page)) {
                if (rows.some(({ id }) => id === all[at])) remove(rows, all[at]);
              }
              if (page <= created) {
                rows.unshift({
                  id: `new-${page}`,
                  created_at: '2026-06-01T00:00:00.000000',
                  updated_at: null,
                });
              }
            },
          });
          const seen = ids(await collect(list({ pageSize })));
          expect(new Set(seen).size).toBe(seen.length);
          expect(all.filter((id) => !deleted.has(id) && !seen.includes(id))).toEqual([]);
        },
      ),
      cases(300),
    );
  });

  it('does not go in circles when the server knows no marker at all', async () => {
    const rows = estate(12);
    const { transport, requests } = scripted(({ url }) => {
      const limit = Number(new URLSearchParams(url.split('?')[1]).get('limit') ?? 100);
      return { body: { rows: rows.slice(0, limit) } };
    });
    const client = new CoriolisClient({ transport, runtime: fakeRuntime() });
    expect(await collect(client.getRows('/rows', 'rows', { pageSize: 5 }))).toEqual(rows);
    expect(requests).toHaveLength(3);
  });
});

describe('a position', () => {
  it('resumes behind its row', async () => {
    const rows = estate(9);
    const { list } = setUp(rows);
    const [, , third] = rows;
    expect(await collect(list(third === undefined ? {} : { after: pagingCursorAfter(third) }))).toEqual(
      rows.slice(3),
    );
  });

  it('resumes at the right place also when its row is gone', async () => {
    const rows = estate(9);
    const third = rows[2];
    remove(rows, third?.id);
    const { list } = setUp(rows);
    const after = third === undefined ? '' : pagingCursorAfter(third);
    expect(await collect(list({ after, pageSize: 2 }))).toEqual(rows.slice(2));
  });

  it.each(['', 'x', 'next', '2026_'])('must come from an earlier page: %j', async (after) => {
    const { list } = setUp(estate(3));
    expect(await failure(collect(list({ after })))).toBeInstanceOf(InvalidInputError);
  });
});

describe('an order of the caller’s own', () => {
  const query = { sort_key: 'updated_at', sort_dir: 'desc' };

  it('gives each row once', async () => {
    const rows = estate(12).reverse();
    const { list } = setUp(rows);
    expect(await collect(list({ query, pageSize: 5 }))).toEqual(rows);
  });

  it('survives a deleted marker', async () => {
    const rows = estate(20).reverse();
    const all = ids(rows);
    const { list } = setUp(rows, {
      before: (page) => {
        if (page === 3) remove(rows, all[9]);
      },
    });
    expect(ids(await collect(list({ query, pageSize: 5 }))).sort()).toEqual([...all].sort());
  });

  it('survives pages that repeat rows, as sorting by a column with nulls does', async () => {
    const rows = estate(7);
    const { transport, requests } = scripted((_request, count) => ({
      body: { rows: count === 1 ? rows.slice(0, 5) : [...rows.slice(0, 3), ...rows.slice(5)] },
    }));
    const client = new CoriolisClient({ transport, runtime: fakeRuntime() });
    expect(await collect(client.getRows('/rows', 'rows', { query, pageSize: 5 }))).toEqual(rows);
    expect(requests.length).toBeLessThan(10);
  });
});

describe('100,000 rows', () => {
  it('are never held at once: a page is fetched when the one before is used up', async () => {
    const { transport, requests } = scripted((_request, count) => {
      const from = 100_000 - (count - 1) * 500;
      const transfers = Array.from({ length: Math.min(500, from) }, (_unused, at) => ({
        id: `id-${String(from - at).padStart(6, '0')}`,
        created_at: '2026-01-01T00:00:00.000000',
      }));
      return { body: { rows: transfers } };
    });
    const client = new CoriolisClient({ transport, runtime: fakeRuntime() });
    let rows = 0;
    let ahead = 0;
    for await (const _row of client.getRows<Transfer>('/rows', 'rows')) {
      rows += 1;
      ahead = Math.max(ahead, requests.length - Math.ceil(rows / 500));
    }
    expect(rows).toBe(100_000);
    expect(ahead).toBe(0);
  });
});

describe('a list that never ends', () => {
  /** A server with a new full page for each request. */
  const endless = (onPage: (page: number) => void) => {
    let page = 0;
    const { transport, requests } = scripted(() => {
      page += 1;
      onPage(page);
      const transfers = [1, 2].map((row) => ({
        id: `row-${row}-of-page-${page}`,
        created_at: new Date(Date.UTC(2026, 0, 1) - (2 * page + row) * 1000)
          .toISOString()
          .replace('Z', '000'),
        updated_at: null,
      }));
      return { body: { transfers } };
    });
    return { client: new CoriolisClient({ transport, runtime: fakeRuntime() }), requests };
  };

  it('is given up after a stated number of pages', async () => {
    const { client, requests } = endless(() => undefined);

    const error = await failure(collect(client.getRows('/transfers', 'transfers', { pageSize: 2 })));

    expect(error).toBeInstanceOf(ProtocolError);
    expect(error.message).toContain('did not end after 2000 pages');
    expect(requests).toHaveLength(2_000);
  });

  it('is not asked for any more once the caller has canceled', async () => {
    const abort = new AbortController();
    const { client, requests } = endless((page) => {
      if (page === 3) abort.abort();
    });

    const rows = collect(client.getRows('/transfers', 'transfers', { pageSize: 2, signal: abort.signal }));

    expect(await failure(rows)).toMatchObject({ kind: 'canceled' });
    expect(requests).toHaveLength(3);
  });
});
