import { SandboxUser } from './user';
import type { Answer, Deployment, Execution, Json } from './user';

interface Machine {
  readonly id: string;
  readonly allocation_status: string;
  readonly power_status: string;
  readonly allocated_action: string | null;
}

interface Pool extends Json {
  readonly id: string;
  readonly status: string;
  readonly minion_machines: Machine[];
  readonly events: { level: string; message: string }[];
}

describe('a minion pool in the sandbox', () => {
  let user: SandboxUser;
  let destination: string;

  beforeEach(async () => {
    user = await SandboxUser.start();
    const endpoints = await user.get<{ id: string; type: string }[]>('/endpoints', 'endpoints');
    destination = endpoints.find(({ type }) => type === 'openstack')?.id ?? '';
  });

  afterEach(() => user.stop());

  const create = async (more: Json = {}): Promise<Pool> => {
    const minion_pool = {
      name: 'pool',
      endpoint_id: destination,
      os_type: 'linux',
      platform: 'destination',
      environment_options: { migr_network: 'private' },
      minion_max_idle_time: 3600,
      ...more,
    };
    const answer = await user.send('POST', '/minion_pools', { minion_pool });
    return answer.body['minion_pool'] as Pool;
  };
  const show = (id: string): Promise<Pool> => user.get(`/minion_pools/${id}`, 'minion_pool');
  const act = (id: string, action: Json): Promise<Answer> =>
    user.send('POST', `/minion_pools/${id}/actions`, action);
  /** Lets time pass until the pool is as wanted. */
  const until = async (id: string, wanted: (pool: Pool) => boolean, stepSeconds = 5): Promise<Pool> => {
    for (let step = 0; step < 500; step += 1) {
      const pool = await show(id);
      if (wanted(pool)) return pool;
      user.clock.advance(stepSeconds);
    }
    throw new Error('The pool never became as wanted');
  };
  const allocated = async (more: Json = {}): Promise<Pool> => {
    const { id } = await create(more);
    return until(id, ({ status }) => status === 'ALLOCATED');
  };
  const machines = ({ minion_machines: all }: Pool): string[] =>
    all.map(({ allocation_status }) => allocation_status);

  it('goes through all its states until it is allocated, and back', async () => {
    const { id } = await create({ minimum_minions: 2, maximum_minions: 3 });
    const seen = new Set<string>();
    const watch = (end: string): Promise<Pool> =>
      until(
        id,
        ({ status }) => {
          seen.add(status);
          return status === end;
        },
        1,
      );

    const up = await watch('ALLOCATED');
    await act(id, { deallocate: null });
    const down = await watch('DEALLOCATED');

    expect([...seen]).toEqual([
      'VALIDATING_INPUTS',
      'ALLOCATING_SHARED_RESOURCES',
      'ALLOCATING_MACHINES',
      'ALLOCATED',
      'IN_MAINTENANCE',
      'DEALLOCATING_MACHINES',
      'DEALLOCATING_SHARED_RESOURCES',
      'DEALLOCATED',
    ]);
    expect(machines(up)).toEqual(['AVAILABLE', 'AVAILABLE']);
    expect(down).toMatchObject({ minion_machines: [], shared_resources: null });
  });

  it('may read DEALLOCATED at first, and is allocated all the same', async () => {
    user.sandbox.faults.plan('late-pools');

    const created = await create();
    const later = await until(created.id, ({ status }) => status !== 'DEALLOCATED', 1);
    const up = await until(created.id, ({ status }) => status === 'ALLOCATED');

    expect([created.status, later.status, up.status]).toEqual([
      'DEALLOCATED',
      'VALIDATING_INPUTS',
      'ALLOCATED',
    ]);
  });

  it('can be deleted while it still reads DEALLOCATED', async () => {
    user.sandbox.faults.plan('late-pools');
    const { id } = await create();

    const deleted = await user.send('DELETE', `/minion_pools/${id}`);
    user.clock.advance(600);

    expect(deleted.status).toBe(204);
    expect((await user.send('GET', `/minion_pools/${id}`)).status).toBe(404);
  });

  it('says in its events why it failed', async () => {
    const { id } = await create({
      environment_options: { migr_network: 'private', migr_flavor_name: 'no-such-flavor' },
    });

    const failed = await until(id, ({ status }) => status === 'ERROR');

    const reason = failed.events.filter(({ level }) => level === 'ERROR').at(-1)?.message;
    expect(reason).toContain("Flavor 'no-such-flavor' could not be found");
  });

  it('lends a machine to an execution, which waits for it', async () => {
    const pool = await allocated();
    const { id } = await user.createTransfer(['web-01'], { destination_minion_pool_id: pool.id });

    const execution = await user.execute(id);
    const waiting = await show(pool.id);
    await user.until(id, execution.id, 'RUNNING', 1);
    const running = await show(pool.id);
    const done = await user.until(id, execution.id, 'COMPLETED', 30);

    expect(execution.status).toBe('AWAITING_MINION_ALLOCATIONS');
    expect(machines(waiting)).toEqual(['RESERVED']);
    expect(running.minion_machines).toMatchObject([{ allocation_status: 'IN_USE', allocated_action: id }]);
    expect(done.tasks.map((task) => task.task_type)).toEqual(
      expect.arrayContaining(['ATTACH_VOLUMES_TO_DESTINATION_MINION', 'RELEASE_DESTINATION_MINION']),
    );
    expect((await show(pool.id)).minion_machines).toMatchObject([{ allocated_action: null }]);
  });

  it('grows up to its maximum', async () => {
    const pool = await allocated({ minimum_minions: 1, maximum_minions: 2 });
    const { id } = await user.createTransfer(['web-01', 'web-02'], {
      destination_minion_pool_id: pool.id,
    });

    const execution = await user.execute(id);
    await user.until(id, execution.id, 'COMPLETED', 30);

    expect(machines(await show(pool.id))).toEqual(['AVAILABLE', 'AVAILABLE']);
  });

  it('starves an execution when all machines are in use: it reads CANCELED for a moment', async () => {
    const pool = await allocated();
    const first = await user.createTransfer(['web-01'], { destination_minion_pool_id: pool.id });
    await user.execute(first.id);
    const second = await user.createTransfer(['web-02'], { destination_minion_pool_id: pool.id });

    const { id } = await user.execute(second.id);
    const seen: string[] = [];
    for (let step = 0; step < 100; step += 1) {
      const { status } = await user.execution(second.id, id);
      if (seen.at(-1) !== status) seen.push(status);
      user.clock.advance(0.005);
    }

    expect(seen).toEqual(['AWAITING_MINION_ALLOCATIONS', 'CANCELED', 'ERROR_ALLOCATING_MINIONS']);
    expect(user.sandbox.listFinishedRuns()).toMatchObject([{ id, status: 'ERROR_ALLOCATING_MINIONS' }]);
  });

  it('gets its machine back from an execution that is canceled while it waits', async () => {
    const pool = await allocated();
    const { id } = await user.createTransfer(['web-01'], { destination_minion_pool_id: pool.id });
    const execution = await user.execute(id);

    await user.send('POST', `/transfers/${id}/executions/${execution.id}/actions`, { cancel: null });

    expect(await user.execution(id, execution.id)).toMatchObject({ status: 'CANCELED' });
    user.clock.advance(600);
    expect(machines(await show(pool.id))).toEqual(['AVAILABLE']);
  });

  it('serves OS morphing of a deployment', async () => {
    const pool = await allocated();
    const { id } = await user.syncedTransfer(['web-01'], {
      instance_osmorphing_minion_pool_mappings: { 'web-01': pool.id },
    });

    const answer = await user.send('POST', '/deployments', { deployment: { transfer_id: id } });
    const started = answer.body['deployment'] as Deployment;
    user.clock.advance(1200);
    const done = await user.get<Deployment>(`/deployments/${started.id}`, 'deployment');

    expect(started.last_execution_status).toBe('AWAITING_MINION_ALLOCATIONS');
    expect(done.last_execution_status).toBe('COMPLETED');
    const types = (done.tasks ?? []).map((task) => task.task_type);
    expect(types).toEqual(expect.arrayContaining(['COLLECT_OS_MORPHING_INFO', 'RELEASE_OSMORPHING_MINION']));
    expect(types).not.toContain('DEPLOY_OS_MORPHING_RESOURCES');
  });

  it.each([
    ['delete', []],
    ['poweroff', ['POWERED_OFF']],
  ])('gives up what was idle for too long (%s)', async (minion_retention_strategy, rest) => {
    const pool = await allocated({ maximum_minions: 2, minion_max_idle_time: 60, minion_retention_strategy });
    const { id } = await user.createTransfer(['web-01', 'web-02'], {
      destination_minion_pool_id: pool.id,
    });
    const execution = await user.execute(id);
    await user.until(id, execution.id, 'COMPLETED', 30);
    const grown = await show(pool.id);

    // Pools are looked after every ten minutes.
    user.clock.advance(1200);

    const power = (await show(pool.id)).minion_machines.map(({ power_status }) => power_status);
    expect(grown.minion_machines).toHaveLength(2);
    expect(power.sort()).toEqual([...rest, 'POWERED_ON']);
  });

  it('is neither used, changed nor deleted in the wrong state', async () => {
    const pool = await allocated();
    const { id } = await user.createTransfer(['web-01'], { destination_minion_pool_id: pool.id });
    const refusals = [
      await user.send('PUT', `/minion_pools/${pool.id}`, { minion_pool: { notes: 'x' } }),
      await user.send('DELETE', `/minion_pools/${pool.id}`),
      await act(pool.id, { allocate: null }),
    ];
    await act(pool.id, { deallocate: null });
    refusals.push(await user.send('POST', `/transfers/${id}/executions`, { execution: {} }));

    expect(refusals.map(({ status }) => status)).toEqual([400, 400, 400, 400]);
    expect(refusals.map((answer) => user.message(answer)).at(-1)).toContain(
      `Minion Pool '${pool.id}' is an invalid state ('IN_MAINTENANCE') to be used as a destination pool`,
    );
  });

  it('is only deallocated by force while a machine is in use', async () => {
    const pool = await allocated();
    const { id } = await user.createTransfer(['web-01'], { destination_minion_pool_id: pool.id });
    await user.execute(id);

    const refused = await act(pool.id, { deallocate: { force: false } });
    const forced = await act(pool.id, { deallocate: { force: true } });

    expect(refused.status).toBe(400);
    expect(user.message(refused)).toContain('has one or more machines which are in an active state');
    expect(forced.status).toBe(200);
  });

  it('of another endpoint or too small cannot be chosen', async () => {
    const pool = await allocated();
    const choose = (instances: string[], more: Json): Promise<Answer> =>
      user.send('POST', '/transfers', {
        transfer: { ...body, instances, ...more },
      });
    const transfer = await user.createTransfer(['web-01']);
    const body = {
      origin_endpoint_id: transfer['origin_endpoint_id'],
      destination_endpoint_id: destination,
      destination_environment: { migr_network: 'private' },
    };

    const asOrigin = await choose(['web-01'], { origin_minion_pool_id: pool.id });
    const tooSmall = await choose(['web-01', 'web-02'], { destination_minion_pool_id: pool.id });
    const updated = await user.send('PUT', `/transfers/${transfer.id}`, {
      transfer: { destination_minion_pool_id: pool.id },
    });
    await user.until(transfer.id, (updated.body['execution'] as Execution).id, 'COMPLETED');

    expect(user.message(asOrigin)).toContain('belongs to a different Coriolis endpoint');
    expect(user.message(tooSmall)).toContain('has a lower maximum minion count (1)');
    expect(await user.get<Json>(`/transfers/${transfer.id}`, 'transfer')).toMatchObject({
      destination_minion_pool_id: pool.id,
    });
  });

  it('belongs to its project, and readers only look', async () => {
    const pool = await allocated();
    const other = await user.as(user.sandbox.connection.other);
    const reader = await user.as(user.sandbox.connection.reader);

    expect((await other.send('GET', `/minion_pools/${pool.id}`)).status).toBe(404);
    expect((await reader.send('GET', `/minion_pools/${pool.id}`)).status).toBe(200);
    const action = await reader.send('POST', `/minion_pools/${pool.id}/actions`, { refresh: null });
    expect(action.status).toBe(403);
    expect(reader.message(action)).toContain('migration:minion_pools:refresh');
  });
});
