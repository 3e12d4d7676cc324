import { legacyActions } from './legacy-actions';
import { SandboxUser } from './user';
import type { Deployment } from './user';

describe('a sandbox of the legacy generation', () => {
  let user: SandboxUser;

  beforeEach(async () => {
    user = await SandboxUser.start({ generation: 'legacy' });
  });

  afterEach(() => user.stop());

  const { send, replicas, migrate, fields, until, typesOf } = legacyActions(() => user);

  describe('a direct migration', () => {
    it('syncs as often as asked, shuts the machine down before the last time, and deploys it', async () => {
      const started = await migrate(['web-02'], { replication_count: 3, shutdown_instances: true });
      const done = await until<Deployment>(`/migrations/${started.id}`, 'migration', 'COMPLETED');

      const steps = typesOf(done).filter((type) => /^(REPLICATE_DISKS|SHUTDOWN)/.test(type));
      expect(steps).toEqual(['REPLICATE_DISKS', 'REPLICATE_DISKS', 'SHUTDOWN_INSTANCE', 'REPLICATE_DISKS']);
      expect(done).toMatchObject({ replica_id: null, replication_count: 3, shutdown_instances: true });
      expect(done['transfer_result']).toHaveProperty('web-02.id');
      expect(await replicas()).toHaveLength(3);
    });

    it.each([
      [0, "'replication_count' must be an integer between 1 and 10. Got: 0"],
      [11, "'replication_count' must be an integer between 1 and 10. Got: 11"],
      ['two', "invalid literal for int() with base 10: 'two'"],
      [null, "int() argument must be a string, a bytes-like object or a real number, not 'NoneType'"],
    ])('is refused with a replication count of %p', async (count, message) => {
      const body = { migration: await fields(['web-02'], { replication_count: count }) };

      const answer = await send('POST', '/migrations', body);

      expect(answer.status).toBe(400);
      expect(user.message(answer)).toBe(`Invalid input received: ${message}`);
    });

    it('of several machines waits for none of them', async () => {
      const { id } = await migrate(['web-02', 'slow-vm'], { skip_os_morphing: true });

      const statusesSeen = new Set<string>();
      for (let step = 0; step < 40; step += 1) {
        const { tasks } = await user.get<Deployment>(`/migrations/${id}`, 'migration');
        for (const { status } of tasks ?? []) statusesSeen.add(status);
        user.clock.advance(0.5);
      }

      expect(statusesSeen).not.toContain('SYNCING');
    });

    it('that fails cleans both sides up', async () => {
      const { id } = await migrate(['fail-deploy-vm']);

      const done = await until<Deployment>(`/migrations/${id}`, 'migration', 'ERROR');

      const last = done.tasks?.at(-1);
      expect(last).toMatchObject({ task_type: 'CLEANUP_INSTANCE_TARGET_STORAGE', status: 'COMPLETED' });
    });

    it('uses minion pools', async () => {
      const { destination_endpoint_id: endpoint_id } = await fields([]);
      const minion_pool = {
        name: 'pool',
        endpoint_id,
        os_type: 'linux',
        platform: 'destination',
        environment_options: { migr_network: 'private' },
        maximum_minions: 2,
        minion_max_idle_time: 3600,
      };
      const answer = await send('POST', '/minion_pools', { minion_pool });
      const { id: pool } = answer.body['minion_pool'] as { id: string };
      await until(`/minion_pools/${pool}`, 'minion_pool', 'ALLOCATED');

      const started = await migrate(['web-02'], {
        destination_minion_pool_id: pool,
        instance_osmorphing_minion_pool_mappings: { 'web-02': pool },
      });
      const done = await until<Deployment>(`/migrations/${started.id}`, 'migration', 'COMPLETED');

      expect(started.last_execution_status).toBe('AWAITING_MINION_ALLOCATIONS');
      expect(done).toMatchObject({ origin_minion_pool_id: null, destination_minion_pool_id: pool });
      const types = typesOf(done);
      expect(types).toEqual(
        expect.arrayContaining(['RELEASE_DESTINATION_MINION', 'RELEASE_OSMORPHING_MINION']),
      );
      expect(types).not.toContain('DEPLOY_MIGRATION_TARGET_RESOURCES');
      expect(types).not.toContain('DEPLOY_OS_MORPHING_RESOURCES');
    });

    it('is known to who asks for the truth', async () => {
      const { id } = await migrate(['web-02']);
      await until(`/migrations/${id}`, 'migration', 'COMPLETED');

      expect(user.sandbox.listFinishedRuns()).toMatchObject([
        { kind: 'deployment', id, transferId: null, status: 'COMPLETED' },
      ]);
    });
  });
});

describe('a direct migration where licences are needed', () => {
  it('reserves one, and uses it up when it completes', async () => {
    const user = await SandboxUser.start({ generation: 'legacy', licensing: true });
    try {
      const endpoints = await user.get<{ id: string; type: string }[]>('/endpoints', 'endpoints');
      const idOf = (type: string): string | undefined => endpoints.find((one) => one.type === type)?.id;
      const answer = await user.send('POST', '/migrations', {
        migration: {
          origin_endpoint_id: idOf('vmware_vsphere'),
          destination_endpoint_id: idOf('openstack'),
          instances: ['web-02'],
          destination_environment: { migr_network: 'private' },
        },
      });
      const { reservation_id: reservation } = answer.body['migration'] as Deployment;

      user.clock.advance(3600);

      const [appliance] = user.sandbox.licensing.appliances.values();
      await user.send('GET', '/migrations');
      expect(appliance?.reservations.get(String(reservation))).toMatchObject({
        type: 'migration',
        count: 1,
        fulfilledAt: expect.any(Number) as number,
      });
    } finally {
      await user.stop();
    }
  });
});
