import { withoutUndefined } from '../../src/model/json';
import { startSandbox } from '../../sandbox/sandbox';
import type { Sandbox } from '../../sandbox/sandbox';
import { startUser } from './support/client';
import type { McpUser } from './support/client';
import { endpoints } from './support/estate';
import { loginOf } from './support/server';
import { tokens } from './support/tokens';

let sandbox: Sandbox;
let user: McpUser;
beforeAll(async () => {
  sandbox = await startSandbox({ transfers: 2000 });
  user = await startUser({ env: loginOf(sandbox), args: ['--toolsets', 'all'] });
});
afterAll(async () => {
  await user.close();
  await sandbox.stop();
});

describe('a list', () => {
  it('begins with as many rows as 4,000 tokens hold', async () => {
    const { text, structured } = await user.call('list_transfers');

    const { length } = structured.rows;
    expect(length).toBeGreaterThanOrEqual(15);
    expect(structured.summary).toContain(`${length} rows, more`);
    expect(tokens(text)).toBeLessThanOrEqual(4000);
  });

  it('fetches no more than it shows, even of a large estate', async () => {
    sandbox.requests.clear();

    await user.call('list_transfers', { limit: 5 });

    expect(sandbox.requests.count('GET', '/v1/{id}/transfers')).toBe(1);
    expect(sandbox.requests.entries.at(-1)?.path).toContain('limit=6');
  });

  it('can be walked page by page without gaps or repetitions', async () => {
    const seen: unknown[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < 5; page += 1) {
      const { structured } = await user.call('list_transfers', {
        limit: 7,
        fields: ['id'],
        ...withoutUndefined({ cursor }),
      });
      seen.push(...structured.rows.map(({ id }) => id));
      cursor = structured.page?.next_cursor;
    }
    const { structured } = await user.call('list_transfers', { limit: 35, fields: ['id'] });

    expect(seen).toEqual(structured.rows.map(({ id }) => id));
    expect(new Set(seen).size).toBe(35);
  });

  it('has no cursor on its last page', async () => {
    const { structured } = await user.call('list_endpoints');

    expect(structured.page).toBeUndefined();
  });

  it('ends a page early rather than growing too long, and goes on from there', async () => {
    const { text, structured } = await user.call('list_transfers', { limit: 100 });

    expect(structured.rows.length).toBeLessThan(100);
    expect(structured.warnings?.[0]).toContain('fewer rows than limit');
    expect(tokens(text)).toBeLessThanOrEqual(4000);
    const next = await user.call('list_transfers', {
      limit: 1,
      cursor: structured.page?.next_cursor ?? '',
    });
    expect(next.structured.rows).toHaveLength(1);
    expect(structured.rows.map(({ id }) => id)).not.toContain(next.structured.rows[0]?.['id']);
  });

  it('shows only the keys that are asked for', async () => {
    const { structured } = await user.call('list_transfers', { limit: 2, fields: ['id', 'status'] });

    expect(structured.rows.map((row) => Object.keys(row))).toEqual([
      ['id', 'status'],
      ['id', 'status'],
    ]);
  });

  it('shows everything on demand, within the hard limit', async () => {
    const { text, structured } = await user.call('list_transfers', { limit: 100, detail: 'full' });

    expect(structured.full_rows[0]).toHaveProperty('last_execution_status');
    expect(tokens(text)).toBeLessThanOrEqual(10_000);
  });

  it('is filtered by what the tool offers', async () => {
    const { structured } = await user.call('list_transfers', { status: 'ERROR', limit: 3 });

    expect(structured.rows.map(({ status }) => status)).toEqual(['ERROR', 'ERROR', 'ERROR']);
  });

  it.each([
    ['limit', { limit: 101 }, 'from 1 to 100'],
    ['fields', { fields: ['id', 'colour'] }, 'colour'],
    ['detail', { detail: 'everything' }, 'summary, full'],
    ['cursor', { cursor: 'abc' }, 'not a cursor of this tool'],
  ])('refuses a wrong %s and says what is accepted', async (_name, given, words) => {
    const { isError, text } = await user.call('list_transfers', given);

    expect(isError).toBe(true);
    expect(text).toContain(words);
  });

  it('refuses the cursor of a list with other filters', async () => {
    const { structured } = await user.call('list_transfers', { limit: 1 });

    const { text } = await user.call('list_transfers', {
      limit: 1,
      status: 'ERROR',
      cursor: structured.page?.next_cursor,
    });

    expect(text).toContain('other filters');
  });
});

describe('a single object', () => {
  it('takes at most 2,000 tokens', async () => {
    const { source } = await endpoints(user);
    const sizes = [
      await user.call('get_transfer', { transfer_id: 'Web server, nightly replica' }),
      await user.call('get_instance', { endpoint_id: source, instance: 'app-01' }),
      await user.call('get_provider_schema', { platform: 'vmware_vsphere', kind: 'connection' }),
    ].map(({ text }) => tokens(text));

    expect(Math.max(...sizes)).toBeLessThanOrEqual(2000);
  });

  it('says that it was cut when everything is too much, and can be narrowed', async () => {
    const call = { transfer_id: 'Web server, nightly replica', detail: 'full' };
    const { text, structured } = await user.call('get_transfer', call);
    expect(tokens(text)).toBeLessThanOrEqual(10_000);
    expect(structured.truncated).toBe(true);
    expect(structured.warnings?.[0]).toContain('fields');

    const narrowed = await user.call('get_transfer', { ...call, fields: ['id', 'scenario'] });

    expect(narrowed.structured.full).toEqual({ id: expect.any(String) as string, scenario: 'replica' });
  });
});
