import type { Random } from '../../../sandbox/world/random';
import type { Exchange } from './exchange';

/** A generated request; ids of things are written as in an {@link Exchange}. */
export type GeneratedRequest = Pick<Exchange, 'method' | 'path' | 'query' | 'headers' | 'body'>;

type Json = Record<string, unknown>;

/** The words in which the generations differ, and what only one of them has. */
interface Words {
  readonly transfer: string;
  readonly deployment: string;
  readonly current: boolean;
}

const WORDS: Readonly<Record<'current' | 'legacy', Words>> = {
  current: { transfer: 'transfer', deployment: 'deployment', current: true },
  legacy: { transfer: 'replica', deployment: 'migration', current: false },
};

/** Values of every JSON type, as they turn up where another type belongs. */
const VALUES: readonly [unknown, ...unknown[]] = [
  null,
  true,
  false,
  0,
  1,
  7,
  -3,
  2.5,
  '',
  'x',
  'xy',
  'true',
  '12',
  ' ',
  'ü',
  '00000000-0000-4000-8000-00000000dead',
  'a'.repeat(300),
  [],
  [1],
  ['x'],
  ['x', 'y'],
  [null],
  [[]],
  [{}],
  [['a', 'b']],
  [[1]],
  [[null]],
  [['x'], ['y']],
  {},
  { a: 1 },
  { a: null, b: [] },
  { default: 5 },
  { id: 'x' },
];

/** A well-formed body of a route, to be spoiled. */
interface Route {
  readonly method: string;
  readonly path: string;
  readonly body: Json;
}

function routes({ transfer, deployment, current }: Words): readonly [Route, ...Route[]] {
  const transfers = `${transfer}s`;
  const deployments = `${deployment}s`;
  const connection_info = { host: 'm.example.com', username: 'u', password: 'secret' };
  const endpoint = { name: 'n', type: 'lab_vsphere', description: 'd', connection_info, mapped_regions: [] };
  const pool = {
    name: 'p',
    endpoint_id: '{destination}',
    os_type: 'linux',
    platform: 'destination',
    environment_options: { migr_network: 'private', lab_task_seconds: 0.1 },
    minimum_minions: 1,
    maximum_minions: 1,
    minion_max_idle_time: 3600,
    minion_retention_strategy: 'delete',
    notes: 'n',
    skip_allocation: true,
  };
  const body = {
    origin_endpoint_id: '{source}',
    destination_endpoint_id: '{destination}',
    instances: ['web-frontend-02'],
    source_environment: { lab_task_seconds: 0 },
    destination_environment: { migr_network: 'private', lab_task_seconds: 0 },
    network_map: { 'VM Network': 'private' },
    storage_mappings: {
      default: 'ceph-ssd',
      backend_mappings: [{ source: 'datastore1', destination: 'ceph-hdd' }],
      disk_mappings: [{ disk_id: 'd1', destination: 'ceph-hdd' }],
    },
    notes: 'n',
    user_scripts: { global: { linux: 'echo' }, instances: { 'web-frontend-02': 'echo' } },
    origin_minion_pool_id: null,
    destination_minion_pool_id: null,
    instance_osmorphing_minion_pool_mappings: {},
    ...(current && { scenario: 'replica', clone_disks: true, skip_os_morphing: false }),
  };
  const deploy = {
    [`${transfer}_id`]: '{transfer}',
    clone_disks: true,
    force: false,
    skip_os_morphing: false,
    instance_osmorphing_minion_pool_mappings: {},
    user_scripts: { global: { linux: 'echo' } },
  };
  const schedule = { schedule: { hour: 4, minute: 0 }, enabled: false, shutdown_instance: false };
  return [
    { method: 'POST', path: 'endpoints', body: { endpoint } },
    {
      method: 'PUT',
      path: 'endpoints/{source}',
      body: { endpoint: { description: 'lab-src', mapped_regions: [] } },
    },
    { method: 'POST', path: 'regions', body: { region: { name: 'r', description: 'd', enabled: true } } },
    {
      method: 'PUT',
      path: 'regions/{region}',
      body: { region: { name: 'r', description: 'd', enabled: true } },
    },
    { method: 'PUT', path: 'services/{service}', body: { service: { enabled: true, mapped_regions: [] } } },
    { method: 'POST', path: 'minion_pools', body: { minion_pool: pool } },
    {
      method: 'PUT',
      path: 'minion_pools/{pool}',
      body: {
        minion_pool: { name: 'p', notes: 'n', minimum_minions: 1, maximum_minions: 1, os_type: 'linux' },
      },
    },
    { method: 'POST', path: transfers, body: { [transfer]: body } },
    { method: 'POST', path: transfers, body: { [transfer]: body } },
    {
      method: 'PUT',
      path: `${transfers}/{transfer}`,
      body: { [transfer]: { instances: ['x'], notes: 'n', network_map: {}, storage_mappings: {} } },
    },
    {
      method: 'POST',
      path: deployments,
      body: { [deployment]: { ...deploy, force: 'x', [`${transfer}_id`]: 'x' } },
    },
    { method: 'POST', path: `${transfers}/{transfer}/schedules`, body: schedule },
    { method: 'PUT', path: `${transfers}/{transfer}/schedules/{schedule}`, body: schedule },
    { method: 'POST', path: 'endpoints/{source}/actions', body: { 'validate-connection': null } },
    { method: 'POST', path: 'minion_pools/{pool}/actions', body: { refresh: null } },
    { method: 'POST', path: `${deployments}/{deployment}/actions`, body: { cancel: { force: false } } },
    {
      method: 'POST',
      path: `${transfers}/{transfer}/executions/{execution}/actions`,
      body: { cancel: { force: false } },
    },
  ];
}

const QUERIES: readonly [string, ...string[]] = [
  'limit=',
  'limit=1',
  'limit=x',
  'limit=-2',
  'limit=1_0',
  'limit= 1',
  'marker=',
  'marker=x',
  'sort_key=id',
  'sort_key=nothing',
  'sort_key= id ',
  'sort_dir=asc',
  'sort_dir=DESC',
  'status=ERROR',
  'status=NONE',
  'status=',
  'show_deleted=yes',
  'include_task_info=1',
  'env=e30=',
  'env=W10=',
  'env=x',
  'env=eyJh',
  'options=WzFd',
  'options=bnVsbA==',
  'name=web',
  'show_expired=no',
  'show_expired=2',
  'unknown=1',
];
const ACCEPTS: readonly [string, ...string[]] = [
  'application/json',
  '*/*',
  'text/html',
  'text/plain, */*;q=0.1',
  'application/json;q=0.2, text/html;q=0.1',
  'text/*',
  'nonsense',
];

/** Makes random requests of a kind: a spoiled body, a spoiled path, or a spoiled query. */
export function generate(generation: 'current' | 'legacy', random: Random): GeneratedRequest {
  const words = WORDS[generation];
  const headers = { Accept: 'application/json', 'X-Auth-Token': '<token>' };
  const kind = random.next();
  if (kind < 0.65) {
    const { method, path, body } = random.pick(routes(words));
    return {
      method,
      path: `/v1/{project}/${path}`,
      query: '',
      headers: { ...headers, 'Content-Type': 'application/json' },
      body: JSON.stringify(spoiled(body, random)),
    };
  }
  const path = randomPath(words, random);
  if (kind < 0.85) {
    const method = random.pick(['GET', 'GET', 'GET', 'PUT', 'PATCH', 'HEAD', 'OPTIONS']);
    const accept = random.next() < 0.5 ? headers : { ...headers, Accept: random.pick(ACCEPTS) };
    return { method, path: `/v1/{project}/${path}`, query: '', headers: accept, body: null };
  }
  const count = random.integer(1, 3);
  const query = Array.from({ length: count }, () => random.pick(QUERIES).replaceAll(' ', '%20')).join('&');
  const lists = [
    `${words.transfer}s`,
    `${words.deployment}s`,
    `${words.transfer}s/{transfer}/executions`,
    `${words.transfer}s/{transfer}/schedules`,
    'endpoints/{source}/instances',
    'endpoints/{destination}/networks',
    'endpoints/{destination}/destination-options',
    'minion_pools',
  ] as const;
  return {
    method: 'GET',
    path: `/v1/{project}/${random.pick(lists)}`,
    query,
    headers,
    body: null,
  };
}

/** A body in which one to three things are of another kind than they should be. */
function spoiled(body: Json, random: Random): unknown {
  if (random.next() < 0.08) return random.pick(VALUES);
  let result: unknown = structuredClone(body);
  for (let count = random.integer(1, 3); count > 0; count -= 1) result = spoiledOnce(result, random);
  return result;
}

function spoiledOnce(value: unknown, random: Random): unknown {
  if (typeof value !== 'object' || value === null || random.next() < 0.12) return random.pick(VALUES);
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...value }) as Json;
  const keys = Object.keys(copy);
  const chance = random.next();
  if (keys.length === 0 || chance < 0.07)
    return Array.isArray(copy) ? [random.pick(VALUES)] : { ...copy, extra: random.pick(VALUES) };
  const key = random.pick(keys as [string, ...string[]]);
  if (chance < 0.17 && !Array.isArray(copy)) {
    return Object.fromEntries(Object.entries(copy).filter(([name]) => name !== key));
  }
  copy[key] = spoiledOnce(copy[key], random);
  return copy;
}

function randomPath(words: Words, random: Random): string {
  const things: readonly [readonly [string, string], ...(readonly [string, string])[]] = [
    ['endpoints', '{source}'],
    ['regions', '{region}'],
    ['services', '{service}'],
    ['minion_pools', '{pool}'],
    [`${words.transfer}s`, '{transfer}'],
    [`${words.deployment}s`, '{deployment}'],
    [`${words.transfer}s/{transfer}/executions`, '{execution}'],
    [`${words.transfer}s/{transfer}/schedules`, '{schedule}'],
    ['providers', 'lab_vsphere'],
    ['endpoints/{source}/instances', 'd2ViLWZyb250ZW5kLTAx'],
    ['diagnostics', 'x'],
    ['nothing', 'x'],
  ];
  const [collection, id] = random.pick(things);
  const tails = [
    '',
    `/${id}`,
    '/x',
    '/new',
    '/detail',
    `/${id}/edit`,
    `/${id}/actions`,
    `/${id}/action`,
    `/${id}/x`,
    `/${id}.json`,
    '/',
    '/00000000-0000-4000-8000-00000000dead',
  ] as const;
  return collection + random.pick(tails);
}
