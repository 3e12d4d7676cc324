import { SandboxUser } from './user';
import type { Answer, Execution, Json } from './user';

interface Thing extends Json {
  readonly id: string;
  readonly type: string;
}

describe('regions in the sandbox', () => {
  let user: SandboxUser;
  let region: string;
  let endpoint: string;

  /** The source endpoint is mapped on a region that has no worker. */
  beforeEach(async () => {
    user = await SandboxUser.start();
    const answer = await user.send('POST', '/regions', { region: { name: 'eu-west' } });
    region = (answer.body['region'] as Thing).id;
    const endpoints = await user.get<Thing[]>('/endpoints', 'endpoints');
    endpoint = endpoints.find(({ type }) => type === 'vmware_vsphere')?.id ?? '';
    await map('endpoints', endpoint, [region]);
  });

  afterEach(() => user.stop());

  const map = (kind: 'endpoints' | 'services', id: string, mapped_regions: string[]): Promise<Answer> =>
    user.send('PUT', `/${kind}/${id}`, { [kind.slice(0, -1)]: { mapped_regions } });
  const worker = async (): Promise<string> => (await user.get<Thing[]>('/services', 'services'))[0]?.id ?? '';
  const instances = (): Promise<Answer> => user.send('GET', `/endpoints/${endpoint}/instances`);

  it('keep an endpoint from workers outside of them', async () => {
    const answer = await instances();

    expect(answer.status).toBe(503);
    expect(user.message(answer)).toContain(`<RegionsFilter(regions=['${region}'], any_region=True)>`);
  });

  it('let workers inside of them serve the endpoint', async () => {
    const service = await worker();
    await map('services', service, [region]);

    const answer = await instances();

    expect(answer.status).toBe(200);
    expect(await user.get<Json>(`/regions/${region}`, 'region')).toMatchObject({
      mapped_endpoints: [endpoint],
      mapped_services: [service],
    });
  });

  it('keep everybody out while disabled', async () => {
    await map('services', await worker(), [region]);
    await user.send('PUT', `/regions/${region}`, { region: { enabled: false } });

    const answer = await instances();

    expect(answer.status).toBe(503);
    expect(user.message(answer)).toContain('None of the selected Regions');
  });

  it('make a transfer impossible, which is the fault of its body', async () => {
    const endpoints = await user.get<Thing[]>('/endpoints', 'endpoints');
    const destination = endpoints.find(({ type }) => type === 'openstack')?.id;

    const answer = await user.send('POST', '/transfers', {
      transfer: {
        origin_endpoint_id: endpoint,
        destination_endpoint_id: destination,
        instances: ['web-01'],
        destination_environment: { migr_network: 'private' },
      },
    });

    expect(answer.status).toBe(400);
    expect(user.message(answer)).toContain('None of the inspected Coriolis Worker services');
  });

  it('leave a failed execution behind when it finds no worker', async () => {
    await map('endpoints', endpoint, []);
    const { id } = await user.createTransfer(['web-01']);
    await map('endpoints', endpoint, [region]);

    const answer = await user.send('POST', `/transfers/${id}/executions`, { execution: {} });

    const [execution] = await user.get<Execution[]>(`/transfers/${id}/executions`, 'executions');
    expect(answer.status).toBe(503);
    expect(user.message(answer)).toMatch(
      /^NoSuitableWorkerServiceError_Remote: Failed to schedule task [-0-9a-f]{36} after 5 tries\. /,
    );
    expect(execution?.status).toBe('ERROR');
    expect(execution?.tasks[0]?.status).toBe('FAILED_TO_SCHEDULE');
    expect(user.sandbox.listFinishedRuns()).toMatchObject([{ id: execution?.id, status: 'ERROR' }]);
  });

  it('stop an execution on its way when its worker is taken away', async () => {
    await map('endpoints', endpoint, []);
    const { id } = await user.createTransfer(['web-01']);
    const { id: executionId } = await user.execute(id);
    await map('endpoints', endpoint, [region]);

    const failed = await user.until(id, executionId, 'ERROR');

    const tasks = failed.tasks.filter(({ status }) => status === 'FAILED_TO_SCHEDULE');
    expect(tasks.map(({ task_type }) => task_type)).toEqual(['DEPLOY_TRANSFER_SOURCE_RESOURCES']);
  });

  it('take their mappings with them when they are deleted', async () => {
    await user.send('DELETE', `/regions/${region}`);

    expect((await instances()).status).toBe(200);
    expect(await user.get<Json>(`/endpoints/${endpoint}`, 'endpoint')).toMatchObject({
      mapped_regions: [],
    });
  });

  it('do not matter when the only worker is disabled: nothing can be reached', async () => {
    await map('endpoints', endpoint, []);
    await user.send('PUT', `/services/${await worker()}`, { service: { enabled: false } });

    expect((await instances()).status).toBe(503);
  });

  it('are the same for all projects, though a reader may not change them', async () => {
    const other = await user.as(user.sandbox.connection.other);
    const reader = await user.as(user.sandbox.connection.reader);

    const change = await reader.send('DELETE', `/regions/${region}`);

    expect((await other.get<Thing[]>('/regions', 'regions')).map(({ id }) => id)).toEqual([region]);
    expect((await reader.get<Thing[]>('/regions', 'regions')).map(({ id }) => id)).toEqual([region]);
    expect(change.status).toBe(403);
    expect(reader.message(change)).toContain("Policy doesn't allow migration:regions:delete");
  });

  it('know only one worker: another one cannot be reached, the known one is there already', async () => {
    await user.stop();
    user = await SandboxUser.start({ speed: 10_000 });
    const known = { host: 'worker-1', binary: 'coriolis-worker', topic: 'coriolis_worker' };

    const again = await user.send('POST', '/services', { service: known });
    const another = await user.send('POST', '/services', { service: { ...known, host: 'worker-2' } });

    expect(again.status).toBe(409);
    expect(another.status).toBe(500);
  });
});
