import { SandboxUser } from './user';
import type { Answer, Deployment, Execution, Json, Transfer } from './user';

interface Volume {
  readonly disk_id: string;
  readonly replicate_disk_data?: boolean;
}

interface Info {
  readonly export_info: { readonly devices: Json & { readonly disks: Json[] } } & Json;
  readonly volumes_info: Volume[];
}

describe('what trials needed of the sandbox', () => {
  let user: SandboxUser;

  beforeEach(async () => {
    user = await SandboxUser.start();
  });
  afterEach(() => user.stop());

  const infoOf = async (transfer: string): Promise<Record<string, Info>> =>
    ((await user.get<Json>(`/transfers/${transfer}?include_task_info=true`, 'transfer'))['info'] ??
      {}) as Record<string, Info>;
  const cancel = (transfer: string, id: string, force: boolean): Promise<Answer> =>
    user.send('POST', `/transfers/${transfer}/executions/${id}/actions`, { cancel: { force } });
  const started = async (machine: string): Promise<[string, Execution]> => {
    const { id } = await user.createTransfer([machine]);
    return [id, await user.execute(id)];
  };
  const passing = async (transfer: string, id: string, seconds: number): Promise<Execution> => {
    for (let step = 0; step < 60; step += 1) {
      user.clock.advance(seconds / 60);
      await user.execution(transfer, id);
    }
    return user.execution(transfer, id);
  };

  it('disks of different size, drives and firmware are in the export_info', async () => {
    const disks = await user.syncedTransfer(['three-disks-vm']);
    const drives = await user.syncedTransfer(['secure-boot-vm']);

    const sizes = (await infoOf(disks.id))['three-disks-vm']?.export_info.devices.disks;
    expect(sizes?.map((disk) => Number(disk['size_bytes']) / 1024 ** 3)).toEqual([10, 100, 1000]);
    const { export_info: machine } = (await infoOf(drives.id))['secure-boot-vm'] ?? {};
    expect(machine).toMatchObject({ firmware_type: 'EFI', secure_boot: true });
    expect(machine?.devices['cdroms']).toHaveLength(2);
    expect(machine?.devices['floppies']).toHaveLength(1);
  });

  it('a shared disk belongs to the first machine of a transfer, and only that one copies it', async () => {
    const nodes = ['cluster-node-01', 'cluster-node-02'];
    const { id } = await user.createTransfer(nodes, { clone_disks: false });
    const { id: run } = await user.execute(id);
    const { tasks } = await user.until(id, run, 'COMPLETED', 60);

    const info = await infoOf(id);
    const disksOf = (node: string): Json[] => info[node]?.export_info.devices.disks ?? [];
    for (const node of nodes) {
      expect(disksOf(node).map(({ shareable = false, owner }) => [shareable, owner])).toEqual([
        [false, node],
        [true, 'cluster-node-01'],
        [true, 'cluster-node-01'],
      ]);
    }
    const copied = (node: string): number | undefined =>
      tasks
        .find((task) => task.task_type === 'REPLICATE_DISKS' && task.instance === node)
        ?.progress_updates.filter(({ total_steps }) => total_steps === 100).length;
    expect(nodes.map(copied)).toEqual([3, 1]);
    expect(info['cluster-node-02']?.volumes_info.map((one) => one.replicate_disk_data)).toEqual([
      undefined,
      false,
      false,
    ]);
  });

  it.each([
    ['a machine', 'stubborn-vm', undefined],
    ['a fault', 'stuck-vm', 'stuck-cancel'],
  ])('a cancel that hangs by %s ends only by force', async (_by, machine, fault) => {
    if (fault !== undefined) user.sandbox.faults.plan(fault);
    const [transfer, { id }] = await started(machine);
    await passing(transfer, id, 3600);

    expect((await cancel(transfer, id, false)).status).toBe(204);
    expect((await passing(transfer, id, 3600)).status).toBe('CANCELLING');
    expect((await cancel(transfer, id, false)).status).toBe(400);
    expect((await cancel(transfer, id, true)).status).toBe(204);
    const { status } = await passing(transfer, id, 600);
    expect(status).toBe('CANCELED');
  });

  it.each([
    ['a machine', 'endless-vm', undefined],
    ['a fault', 'web-01', 'stuck-running'],
  ])('a run with all tasks done stays RUNNING by %s until it is canceled', async (_by, machine, fault) => {
    if (fault !== undefined) user.sandbox.faults.plan(fault);
    const [transfer, { id }] = await started(machine);

    const stuck = await passing(transfer, id, 7200);
    expect([stuck.status, new Set(stuck.tasks.map(({ status }) => status))]).toEqual([
      'RUNNING',
      new Set(['COMPLETED']),
    ]);
    await cancel(transfer, id, false);
    expect((await user.execution(transfer, id)).status).toBe('COMPLETED');
    expect(user.sandbox.listFinishedRuns().filter((run) => run.id === id)).toHaveLength(1);
  });

  it('an update whose notes the database cannot hold stays RUNNING and changes nothing', async () => {
    const { id } = await user.syncedTransfer(['web-01']);
    const answer = await user.send('PUT', `/transfers/${id}`, { transfer: { notes: 'note \u{1F680}' } });
    const { id: run } = answer.body['execution'] as Execution;

    const stuck = await passing(id, run, 3600);
    expect(stuck.status).toBe('RUNNING');
    expect(stuck.tasks.every(({ status }) => status === 'COMPLETED')).toBe(true);
    expect((await user.get<Transfer>(`/transfers/${id}`, 'transfer'))['notes']).toBeNull();
  });

  it('a deployment can hang in a task', async () => {
    const { id } = await user.syncedTransfer(['hang-deploy-vm']);
    const answer = await user.send('POST', '/deployments', { deployment: { transfer_id: id } });
    const { id: deployment } = answer.body['deployment'] as Deployment;
    for (let step = 0; step < 100; step += 1) {
      user.clock.advance(60);
      await user.get(`/deployments/${deployment}`, 'deployment');
    }
    const shown = await user.get<Deployment>(`/deployments/${deployment}`, 'deployment');
    expect(shown.last_execution_status).toBe('RUNNING');
    expect(shown.tasks?.find(({ task_type }) => task_type === 'OS_MORPHING')?.status).toBe('RUNNING');
  });

  it('busy pools refuse their machines, and lend them again when the fault is over', async () => {
    const [endpoint] = (await user.get<{ id: string; type: string }[]>('/endpoints', 'endpoints')).filter(
      ({ type }) => type === 'openstack',
    );
    const created = await user.send('POST', '/minion_pools', {
      minion_pool: {
        name: 'pool',
        endpoint_id: endpoint?.id,
        os_type: 'linux',
        platform: 'destination',
        environment_options: { migr_network: 'private' },
        minimum_minions: 1,
        maximum_minions: 2,
      },
    });
    const { id: pool } = created.body['minion_pool'] as { id: string };
    const statuses = async (): Promise<[string, string[]]> => {
      const shown = await user.get<{ status: string; minion_machines: { allocation_status: string }[] }>(
        `/minion_pools/${pool}`,
        'minion_pool',
      );
      return [shown.status, shown.minion_machines.map((machine) => machine.allocation_status)];
    };
    for (let step = 0; step < 15; step += 1) {
      user.clock.advance(30);
      await statuses();
    }
    const { id: fault } = user.sandbox.faults.plan(`busy-pools id=${pool}`);
    const { id: transfer } = await user.createTransfer(['web-01'], { destination_minion_pool_id: pool });
    const { id } = await user.execute(transfer);
    const refused = await user.until(transfer, id, 'ERROR_ALLOCATING_MINIONS');

    expect(await statuses()).toEqual(['ALLOCATED', ['IN_USE', 'IN_USE']]);
    expect(refused.tasks.every(({ status }) => status === 'UNSCHEDULED')).toBe(true);
    user.sandbox.faults.remove(fault);
    expect(await statuses()).toEqual(['ALLOCATED', ['AVAILABLE', 'AVAILABLE']]);
    const again = await user.execute(transfer);
    await user.until(transfer, again.id, 'COMPLETED', 30);
  });

  it('an auto-deployment exists before its sync ends, and consumes the disks that are not cloned', async () => {
    const { id } = await user.createTransfer(['web-01'], { clone_disks: false });
    const run = await user.execute(id, { auto_deploy: true });
    user.clock.advance(5);
    const [pending] = await user.get<Deployment[]>('/deployments', 'deployments');
    expect([pending?.last_execution_status, pending?.deployer_id]).toEqual(['PENDING', run.id]);

    await user.until(id, run.id, 'COMPLETED', 30);
    let shown = pending;
    for (let step = 0; step < 200 && shown?.last_execution_status !== 'COMPLETED'; step += 1) {
      user.clock.advance(20);
      shown = await user.get<Deployment>(`/deployments/${pending?.id}`, 'deployment');
    }
    const refused = await user.send('POST', '/deployments', { deployment: { transfer_id: id } });
    expect([shown?.last_execution_status, refused.status]).toEqual(['COMPLETED', 400]);
    expect(user.message(refused)).toContain("doesn't contain volumes information for instance: web-01");
  });
});

describe('licences of several kinds', () => {
  const pem = (terms: Json): string =>
    `-----BEGIN LICENCE-----\n${Buffer.from(JSON.stringify(terms)).toString('base64')}\n-----END LICENCE-----\n`;

  it('have terms of their own, and newer servers nest the figures of standard and SAP', async () => {
    const user = await SandboxUser.start();
    const get = async (path: string): Promise<Json> =>
      (await (await user.ask('GET', `/licensing${path}`)).json()) as Json;
    try {
      const { appliances } = (await get('/appliances')) as { appliances: { id: string }[] };
      const appliance = `/appliances/${appliances[0]?.id}`;
      const register = async (terms: Json): Promise<Response> =>
        user.ask('POST', `/licensing${appliance}/licences`, pem(terms));
      await register({ replicas: 7, migrations: 3, days: -2 });
      await register({ replicas: 11, migrations: 0, days: 20, version: 'v2-sap' });

      const flat = (await get(`${appliance}/status`))['appliance_licence_status'] as Json;
      user.sandbox.faults.plan('nested-licences');
      const nested = (await get(`${appliance}/status`))['appliance_licence_status'] as Json;

      expect(flat).toMatchObject({ current_available_replicas: 50, current_available_migrations: 50 });
      expect(Object.keys(nested)).toEqual([
        'appliance_id',
        'earliest_licence_expiry_time',
        'latest_licence_expiry_time',
        'standard_licence_stats',
        'sap_licence_stats',
      ]);
      expect(nested['standard_licence_stats']).toMatchObject({ current_available_replicas: 50 });
      expect(nested['sap_licence_stats']).toMatchObject({
        current_available_replicas: 11,
        current_available_migrations: 0,
      });
    } finally {
      await user.stop();
    }
  });
});
