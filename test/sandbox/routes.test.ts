import type { Generation } from '../../sandbox/world/releases';
import { SandboxUser } from './user';

type Route = `${'GET' | 'POST' | 'PUT' | 'DELETE'} /${string}`;

const ID = '00000000-0000-4000-8000-00000000dead';

/** Routes of both generations (docs/reference/coriolis-api.md §6). */
const SHARED: readonly Route[] = [
  'GET /providers',
  'GET /providers/{id}/schemas/16',
  'GET /endpoints',
  'POST /endpoints',
  'GET /endpoints/{id}',
  'PUT /endpoints/{id}',
  'DELETE /endpoints/{id}',
  'POST /endpoints/{id}/actions',
  'GET /endpoints/{id}/instances',
  'GET /endpoints/{id}/instances/d2ViLTAx',
  'GET /endpoints/{id}/networks',
  'GET /endpoints/{id}/storage',
  'GET /endpoints/{id}/source-options',
  'GET /endpoints/{id}/destination-options',
  'GET /endpoints/{id}/source-minion-pool-options',
  'GET /endpoints/{id}/destination-minion-pool-options',
  'GET /regions',
  'POST /regions',
  'GET /regions/{id}',
  'PUT /regions/{id}',
  'DELETE /regions/{id}',
  'GET /services',
  'POST /services',
  'GET /services/{id}',
  'PUT /services/{id}',
  'DELETE /services/{id}',
  'GET /minion_pools',
  'POST /minion_pools',
  'GET /minion_pools/{id}',
  'PUT /minion_pools/{id}',
  'DELETE /minion_pools/{id}',
  'POST /minion_pools/{id}/actions',
  'GET /diagnostics',
];

/** Transfers or replicas with their executions and schedules (docs/reference/coriolis-api.md §§7.3, 8, 9). */
const ofTransfers = (name: 'transfers' | 'replicas'): readonly Route[] => [
  `GET /${name}`,
  `GET /${name}/detail`,
  `POST /${name}`,
  `GET /${name}/{id}`,
  `PUT /${name}/{id}`,
  `DELETE /${name}/{id}`,
  `POST /${name}/{id}/actions`,
  `GET /${name}/{id}/executions`,
  `GET /${name}/{id}/executions/detail`,
  `POST /${name}/{id}/executions`,
  `GET /${name}/{id}/executions/{id}`,
  `DELETE /${name}/{id}/executions/{id}`,
  `POST /${name}/{id}/executions/{id}/actions`,
  `GET /${name}/{id}/schedules`,
  `POST /${name}/{id}/schedules`,
  `GET /${name}/{id}/schedules/{id}`,
  `PUT /${name}/{id}/schedules/{id}`,
  `DELETE /${name}/{id}/schedules/{id}`,
];

/** Deployments or migrations (docs/reference/coriolis-api.md §§10.2, 10.4). */
const ofDeployments = (name: 'deployments' | 'migrations'): readonly Route[] => [
  `GET /${name}`,
  `GET /${name}/detail`,
  `POST /${name}`,
  `GET /${name}/{id}`,
  `DELETE /${name}/{id}`,
  `POST /${name}/{id}/actions`,
];

const CURRENT: readonly Route[] = [
  'GET /endpoints/{id}/inventory',
  ...ofTransfers('transfers'),
  ...ofDeployments('deployments'),
];
const LEGACY: readonly Route[] = [...ofTransfers('replicas'), ...ofDeployments('migrations')];

/**
 * Routes of the services beside Coriolis (docs/reference/coriolis-api.md §§3.1, 12 to 15), on the sandbox's address.
 */
const BESIDE: readonly Route[] = [
  'GET /v3',
  'GET /v3/auth/projects',
  'GET /v3/auth/catalog',
  'GET /barbican/v1/secrets',
  'GET /licensing/status',
  'GET /licensing/appliances',
  'GET /metal-hub/servers',
  'GET /logs',
  'GET /api/config',
];

describe.each<[Generation, readonly Route[], readonly Route[]]>([
  ['current', CURRENT, LEGACY],
  ['legacy', LEGACY, CURRENT],
])('a sandbox of the %s generation', (generation, own, foreign) => {
  let user: SandboxUser;

  beforeAll(async () => {
    user = await SandboxUser.start({ generation });
  });

  afterAll(() => user.stop());

  /** A router's 404 has no `error` (docs/reference/coriolis-api.md §2). */
  const isRouted = async (route: Route): Promise<boolean> => {
    const [method = '', path = ''] = route.replaceAll('{id}', ID).split(' ');
    const body = method === 'POST' || method === 'PUT' ? {} : undefined;
    const answer = await user.send(method, path, body);
    return answer.status !== 404 || 'error' in answer.body;
  };

  it.each([...SHARED, ...own])('has the route %s', async (route) => {
    expect(await isRouted(route)).toBe(true);
  });

  it.each(foreign)('has no route %s', async (route) => {
    expect(await isRouted(route)).toBe(false);
  });

  it.each(BESIDE)('has, beside Coriolis, %s', async (route) => {
    const [method = '', path = ''] = route.split(' ');

    expect((await user.ask(method, path)).status).not.toBe(404);
  });
});
