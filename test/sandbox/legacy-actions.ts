import type { Answer, Deployment, Json, SandboxUser, Transfer } from './user';

/** Requests of a user to a sandbox of the legacy generation. */
export function legacyActions(user: () => SandboxUser) {
  const send = (method: string, path: string, body?: Json): Promise<Answer> =>
    user().send(method, path, body);
  const replicas = (query = ''): Promise<Transfer[]> => user().get(`/replicas${query}`, 'replicas');
  const migrations = (query = ''): Promise<Deployment[]> => user().get(`/migrations${query}`, 'migrations');

  async function fields(instances: string[], more: Json = {}): Promise<Json> {
    const endpoints = await user().get<{ id: string; type: string }[]>('/endpoints', 'endpoints');
    const idOf = (type: string): string | undefined => endpoints.find((one) => one.type === type)?.id;
    return {
      origin_endpoint_id: idOf('vmware_vsphere'),
      destination_endpoint_id: idOf('openstack'),
      instances,
      destination_environment: { migr_network: 'private' },
      ...more,
    };
  }

  async function migrate(instances: string[], more: Json = {}): Promise<Deployment> {
    const answer = await send('POST', '/migrations', { migration: await fields(instances, more) });
    return answer.body['migration'] as Deployment;
  }

  /** Lets time pass until a thing has that status. */
  async function until<T extends Json>(path: string, key: string, status: string): Promise<T> {
    for (let step = 0; step < 1000; step += 1) {
      const thing = await user().get<T>(path, key);
      if ((thing['status'] ?? thing['last_execution_status']) === status) return thing;
      user().clock.advance(5);
    }
    throw new Error(`${path} never became ${status}`);
  }

  const typesOf = (migration: Deployment): string[] => (migration.tasks ?? []).map((task) => task.task_type);

  return { send, replicas, migrations, migrate, fields, until, typesOf };
}
