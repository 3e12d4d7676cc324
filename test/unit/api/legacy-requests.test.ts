import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DIALECTS } from '../../../src/api/generations';
import type { ApiRequest } from '../../../src/api/api-request';
import { RECORDINGS } from './support';

/** What the core asks for in the words of the current generation, and what a legacy server gets. */

const sent = (request: Partial<ApiRequest> & Pick<ApiRequest, 'path'>) =>
  DIALECTS.legacy.convertRequest({ method: 'GET', query: {}, ...request });

const ids = { t: '286a72a4-bbeb-4983-8601-c948411e107a', x: 'df0882a5-4979-4aba-b988-e9d6f0105a97' };

describe('paths', () => {
  it.each([
    ['/transfers', '/replicas'],
    ['/transfers/detail', '/replicas/detail'],
    [`/transfers/${ids.t}`, `/replicas/${ids.t}`],
    [`/transfers/${ids.t}/actions`, `/replicas/${ids.t}/actions`],
    [`/transfers/${ids.t}/executions/${ids.x}/actions`, `/replicas/${ids.t}/executions/${ids.x}/actions`],
    [`/transfers/${ids.t}/schedules/${ids.x}`, `/replicas/${ids.t}/schedules/${ids.x}`],
    ['/deployments', '/migrations'],
    [`/deployments/${ids.t}/actions`, `/migrations/${ids.t}/actions`],
    ['/migrations', '/migrations'],
    ['/endpoints', '/endpoints'],
    ['/minion_pools', '/minion_pools'],
    ['/regions/transfers', '/regions/transfers'],
  ])('%s is asked for as %s', (current, legacy) => {
    expect(sent({ path: current }).path).toBe(legacy);
  });
});

describe('queries', () => {
  it('lose what legacy servers have no parameter for', () => {
    const query = {
      limit: 5,
      marker: 'm',
      sort_key: 'id',
      sort_dir: 'asc',
      status: 'ERROR',
      include_task_info: true,
    };
    expect(sent({ path: '/transfers', query }).query).toEqual({});
  });

  it.each([true, 1, 'True', 'yes'])('ask for deleted rows with the exact word true (%p)', (deleted) => {
    const { query } = sent({ path: '/deployments', query: { show_deleted: deleted } });
    expect(query).toEqual({ show_deleted: true });
  });

  it('stay where both generations have the route', () => {
    const query = { limit: 5, marker: 'm', name: 'web' };
    expect(sent({ path: '/endpoints/e/instances', query }).query).toEqual(query);
    expect(sent({ path: '/transfers/t/schedules', query: { show_expired: false } }).query).toEqual({
      show_expired: false,
    });
  });
});

describe('bodies', () => {
  it('of a transfer are those of a replica, without what goes without saying', () => {
    const replica = { origin_endpoint_id: 'o', instances: ['vm'], notes: 'lab', network_map: {} };
    const transfer = { ...replica, scenario: 'replica', clone_disks: null, skip_os_morphing: false };
    expect(sent({ method: 'POST', path: '/transfers', body: { transfer } }).body).toEqual({ replica });
    expect(sent({ method: 'PUT', path: '/transfers/t', body: { transfer } }).body).toEqual({ replica });
  });

  it('of a deployment are those of a migration from a replica; null, which would inherit, is left out', () => {
    const deployment = {
      transfer_id: 't',
      clone_disks: null,
      skip_os_morphing: true,
      user_scripts: null,
      force: false,
    };
    expect(sent({ method: 'POST', path: '/deployments', body: { deployment } }).body).toEqual({
      migration: { replica_id: 't', skip_os_morphing: true, force: false },
    });
  });

  it('of executions and schedules lose auto_deploy', () => {
    const execution = { shutdown_instances: true, auto_deploy: false };
    expect(sent({ method: 'POST', path: '/transfers/t/executions', body: { execution } }).body).toEqual({
      execution: { shutdown_instances: true },
    });
    const schedule = { schedule: { minute: 5 }, enabled: true, auto_deploy: false };
    expect(sent({ method: 'POST', path: '/transfers/t/schedules', body: schedule }).body).toEqual({
      schedule: { minute: 5 },
      enabled: true,
    });
  });

  it('hold scripts as texts', () => {
    const user_scripts = {
      global: { linux: [{ phase: 'osmorphing_post_os_mount', payload: 'echo a' }], windows: null },
      instances: { vm: 'echo b' },
    };
    expect(sent({ method: 'POST', path: '/transfers', body: { transfer: { user_scripts } } }).body).toEqual({
      replica: {
        user_scripts: { global: { linux: 'echo a', windows: null }, instances: { vm: 'echo b' } },
      },
    });
  });

  it('of actions are the same', () => {
    const body = { cancel: { force: true } };
    expect(sent({ method: 'POST', path: '/deployments/d/actions', body }).body).toEqual(body);
  });
});

/** What a recorded legacy client sent, said in the words of the current generation. */
const inCurrentWords = (text: string): string =>
  text
    .replace(/\/replicas\b/g, '/transfers')
    .replace(/\/migrations\b/g, '/deployments')
    .replace(/"replica":/g, '"transfer":')
    .replace(/"migration":/g, '"deployment":')
    .replace(/"replica_id":/g, '"transfer_id":');

interface Recorded {
  readonly request: { readonly method: ApiRequest['method']; readonly path: string; readonly body: unknown };
  readonly response: { readonly status: number };
}

const accepted = readdirSync(join(RECORDINGS, 'legacy'))
  .filter((name) => !/^(cli|series)-/.test(name))
  .map((name) => {
    const { request, response } = JSON.parse(
      readFileSync(join(RECORDINGS, 'legacy', name), 'utf8'),
    ) as Recorded;
    return { name, request, response };
  })
  .filter(({ request, response }) => response.status < 300 && /\/(replicas|migrations)/.test(request.path))
  // What cannot be said: form A of a migration, and a key that the server ignored.
  .filter(({ request }) => !/replication_count|"scenario"/.test(JSON.stringify(request.body)));

describe('what real legacy servers accepted', () => {
  it.each(accepted)('comes out of the dialect as recorded: $name', ({ request }) => {
    const path = request.path.replace(/^\/v1\/[0-9a-f]{32}/, '');
    const body: unknown = JSON.parse(inCurrentWords(JSON.stringify(request.body)));
    const translated = sent({
      method: request.method,
      path: inCurrentWords(path),
      ...(body === null ? {} : { body }),
    });
    expect(translated).toMatchObject({ method: request.method, path, query: {} });
    expect(translated.body ?? null).toEqual(request.body);
  });

  it('is plenty', () => {
    expect(accepted.length).toBeGreaterThan(35);
  });
});
