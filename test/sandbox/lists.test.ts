import { SandboxUser } from './user';
import type { Transfer } from './user';

describe('lists of the sandbox', () => {
  let user: SandboxUser;

  beforeAll(async () => {
    user = await SandboxUser.start({ transfers: 30 });
    for (const machine of ['web-01', 'web-02', 'web-03', 'db-01', 'db-02']) {
      await user.createTransfer([machine]);
      user.clock.advance(1);
    }
  });

  afterAll(() => user.stop());

  const list = (query: string): Promise<Transfer[]> => user.get(`/transfers?${query}`, 'transfers');
  const ids = (transfers: readonly Transfer[]): string[] => transfers.map((transfer) => transfer.id);

  /** All pages of a list, as a client that trusts the marker would read them; ends after a page that is not full. */
  async function pages(query: string, limit: number): Promise<Transfer[][]> {
    const all: Transfer[][] = [];
    for (let marker = ''; all.length < 50;) {
      const page = await list(`${query}&limit=${limit}${marker}`);
      all.push(page);
      if (page.length < limit) break;
      marker = `&marker=${page.at(-1)?.id}`;
    }
    return all;
  }

  it('come newest first, and page by page without loss or repetition', async () => {
    const everything = await list('');

    const paged = (await pages('', 7)).flat();

    expect(everything.length).toBe(38);
    const times = everything.map((transfer) => String(transfer['created_at']));
    expect(times).toEqual([...times].sort().reverse());
    expect(ids(paged)).toEqual(ids(everything));
  });

  it('sorted by change have the never executed ones last', async () => {
    const sorted = await list('sort_key=updated_at&sort_dir=desc');

    const times = sorted.map((transfer) => transfer.updated_at);
    const firstNull = times.indexOf(null);
    expect(times.slice(firstNull).every((time) => time === null)).toBe(true);
    expect(times.slice(0, firstNull)).toEqual(times.slice(0, firstNull).sort().reverse());
    expect(ids(await list('sort_key=updated_at&sort_dir=desc&limit=9'))).toEqual(ids(sorted.slice(0, 9)));
  });

  it('repeat the executed ones when paged into the nulls downwards, and lose them upwards', async () => {
    const executed = (await list('')).filter((transfer) => transfer.updated_at !== null).length;
    const unexecuted = 38 - executed;

    const [intoNulls] = await pages('sort_key=updated_at&sort_dir=desc', executed + 1);
    const marker = intoNulls?.at(-1);
    const repeated = await list(`sort_key=updated_at&sort_dir=desc&marker=${marker?.id}`);
    const upwards = (await pages('sort_key=updated_at&sort_dir=asc', unexecuted - 1)).flat();

    expect(marker?.updated_at).toBeNull();
    expect(repeated.filter((transfer) => transfer.updated_at !== null).length).toBe(executed);
    expect(upwards.every((transfer) => transfer.updated_at === null)).toBe(true);
  });

  it('begin again after a marker that does not exist', async () => {
    expect(ids(await list('limit=3&marker=no-such-id'))).toEqual(ids(await list('limit=3')));
  });

  it.each([
    ['limit=abc', 400, 'Invalid integer: abc'],
    ['limit=-1', 500, 'The server has either erred'],
    ['sort_key=created_at', 400, 'Sort direction array size exceeds sort key array size.'],
    ['sort_key=created_at&sort_dir=up', 400, "Unknown sort direction: up, must be 'desc' or 'asc'."],
    ['sort_key=nope&sort_dir=asc', 500, 'The server has either erred'],
    ['status=UNEXECUTED', 400, 'Unknown task status: UNEXECUTED'],
  ])('answer ?%s with %i', async (query, status, text) => {
    const answer = await user.send('GET', `/transfers?${query}`);

    expect(answer.status).toBe(status);
    expect(user.message(answer)).toContain(text);
  });

  it('can be filtered by the status of the last execution', async () => {
    const failed = await list('status=ERROR');

    expect(failed.length).toBeGreaterThan(0);
    expect(new Set(failed.map((transfer) => transfer.last_execution_status))).toEqual(new Set(['ERROR']));
  });

  it('come as the text of a Python object to who wants CSV', async () => {
    const base = user.sandbox.coriolisUrl;
    const token = await fetch(`${user.sandbox.authUrl}/auth/tokens`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        auth: {
          identity: {
            methods: ['password'],
            password: { user: { name: 'demo', domain: { name: 'Default' }, password: 'sandbox-demo' } },
          },
        },
      }),
    });

    const answer = await fetch(`${base}/transfers?limit=0`, {
      headers: { Accept: 'text/csv', 'X-Auth-Token': token.headers.get('X-Subject-Token') ?? '' },
    });

    expect(answer.headers.get('Content-Type')).toBe('text/csv');
    expect(await answer.text()).toBe("{'transfers': []}");
  });
});
