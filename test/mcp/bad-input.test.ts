import { startSandbox } from '../../sandbox/sandbox';
import type { Sandbox } from '../../sandbox/sandbox';
import { startUser } from './support/client';
import type { Row, McpUser } from './support/client';
import { endpoints } from './support/estate';
import { loginOf } from './support/server';

let sandbox: Sandbox;
let user: McpUser;
let good: Row;
beforeAll(async () => {
  sandbox = await startSandbox({ speed: 600 });
  user = await startUser({ env: loginOf(sandbox), args: ['--allow-write', '--toolsets', 'all'] });
  const { source, destination } = await endpoints(user);
  good = {
    origin_endpoint_id: source,
    destination_endpoint_id: destination,
    instances: ['web-01'],
    destination_environment: { migr_network: 'private' },
  };
});
afterAll(async () => {
  await user.close();
  await sandbox.stop();
});

const unknown = '00000000-0000-4000-8000-000000000000';

describe('a mistake in the arguments', () => {
  it.each<[string, Row, RegExp]>([
    ['a missing argument', { instances: undefined }, /instances\) is missing/u],
    ['malformed JSON', { network_map: '{"VM Network": ' }, /network_map\) .*JSON/u],
    ['a list instead of an object', { destination_environment: [] }, /destination_environment/u],
    ['a wrong type', { instances: [true] }, /instances\) must hold texts/u],
    [
      'a word that is none of the choices',
      { scenario: 'move' },
      /scenario\) must be one of replica, live_migration/u,
    ],
    ['a storage mapping without "="', { storage_mappings: 'datastore1' }, /storage_mappings\) .*"="/u],
    ['an unknown argument', { colour: 'blue' }, /colour is not an input here; accepted: origin_endpoint_id/u],
    ['an unknown option', { options: { colour: 'blue' } }, /colour is not an input here/u],
    ['options that are no object', { options: 'default_storage' }, /options\) .*object|options\) .*JSON/u],
  ])('names it and sends nothing: %s', async (_what, change, words) => {
    sandbox.requests.clear();

    const { isError, text } = await user.call('create_transfer', { ...good, ...change });

    expect(isError).toBe(true);
    expect(text).toMatch(words);
    expect(sandbox.requests.total).toBe(0);
  });

  it('names what a list takes, its pages too, and answers all the same', async () => {
    const { isError, structured } = await user.call('list_endpoints', { colour: 'blue', page: 2 });

    expect(isError).toBe(false);
    expect(structured.warnings).toEqual([
      'Ignored, because list_endpoints has no such argument: colour, page. Accepted: fields, detail, limit, cursor.',
    ]);
  });

  it('names everything that is wrong at once', async () => {
    const { text } = await user.call('create_transfer', { instances: true, scenario: 'x' });

    for (const name of ['origin_endpoint_id', 'destination_endpoint_id', 'instances', 'scenario']) {
      expect(text).toContain(name);
    }
  });

  it.each<[string, () => Row, RegExp]>([
    [
      'identical endpoints',
      () => ({ destination_endpoint_id: good['origin_endpoint_id'] }),
      /same endpoint/u,
    ],
    ['a machine that does not exist', () => ({ instances: ['no-such-vm'] }), /no-such-vm/u],
    [
      'an unknown endpoint',
      () => ({ origin_endpoint_id: 'nowhere' }),
      /no endpoint has the id or the exact name "nowhere"/u,
    ],
  ])('is told before anything is created: %s', async (_what, change, words) => {
    sandbox.requests.clear();

    const { isError, text } = await user.call('create_transfer', { ...good, ...change() });

    expect(isError).toBe(true);
    expect(text).toMatch(words);
    expect(sandbox.requests.count('POST', /transfers/u)).toBe(0);
  });

  it('says that an id is unknown and what to check', async () => {
    const { isError, text } = await user.call('get_transfer', { transfer_id: unknown });

    expect(isError).toBe(true);
    expect(text).toContain('(not_found)');
    expect(text).toContain('Next: ');
    expect(text).toContain('Request id: req-');
  });

  it('lists the candidates when a name is ambiguous', async () => {
    const named = { ...good, notes: 'twin' };
    await user.call('create_transfer', named);
    await user.call('create_transfer', { ...named, scenario: 'live_migration' });

    const { isError, text } = await user.call('get_transfer', { transfer_id: 'twin' });

    expect(isError).toBe(true);
    expect(text).toContain('2 transfers are named "twin"');
    expect(text).toContain('give the id');
  });

  it('is tolerated where the meaning is plain: JSON as text, numbers as text, nulls', async () => {
    const { isError, structured } = await user.call('create_transfer', {
      ...good,
      instances: '["web-02"]',
      network_map: '{"VM Network": "private"}',
      storage_mappings: 'datastore1=ceph-ssd',
      notes: null,
    });

    expect(isError).toBe(false);
    expect(structured.result).toMatchObject({
      instances: ['web-02'],
      network_map: { 'VM Network': 'private' },
    });
  });
});

describe('trouble on the way', () => {
  it.each([
    ['a web page of a proxy', { kind: 'html', status: 200 }, /web page/u],
    ['a body that breaks off', { kind: 'truncate' }, /broke off|reset|no valid JSON/u],
    [
      'a redirect',
      { kind: 'redirect', location: 'http://127.0.0.1:1/elsewhere' },
      /redirects are not followed/u,
    ],
  ] as const)('is explained: %s', async (_what, fault, words) => {
    const undo = sandbox.faults.add({ path: /\/transfers\//u, times: 10, fault });

    const { isError, text } = await user.call('get_transfer', { transfer_id: unknown });
    undo();

    expect(isError).toBe(true);
    expect(text).toMatch(words);
    expect(text).not.toMatch(/ {4}at /u);
  });

  it('does not start anything twice when the answer is lost', async () => {
    const created = await user.call('create_transfer', { ...good, instances: ['web-03'], notes: 'lost' });
    const id = String(created.structured.result['id']);
    const undo = sandbox.faults.add({
      method: 'POST',
      path: /\/executions/u,
      fault: { kind: 'lost-answer' },
    });

    const { isError, structured } = await user.call('execute_transfer', { transfer_id: id });
    undo();

    expect(isError).toBe(false);
    const executions = await user.call('list_executions', { transfer_id: id });
    expect(executions.structured.rows.map((row) => row['id'])).toEqual([structured.result['id']]);
  });
});
