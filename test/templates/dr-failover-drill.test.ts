import { onStage, type Stage } from './stage';

/** The failover drill: clones of the newest copies, a report, and nothing else changed. */

const nightly = { search: 'nightly' };

let stage: Stage;
afterEach(() => stage.stop());

/** Everything about transfers and their executions that a drill must leave as it is. */
async function replicas() {
  const transfers = await stage.lab.rows('transfer.getAll', { returnAll: true });
  return await Promise.all(
    transfers.map(async ({ id }) => {
      const [transfer] = await stage.lab.rows('transfer.get', {
        transferId: { __rl: true, mode: 'id', value: String(id) },
      });
      // Its age grows while the drill runs, and its deployments are the drill's; the summary tells of both.
      const {
        last_copy_age_seconds: _seconds,
        last_copy_age: _age,
        deployments: _deployments,
        summary: _summary,
        ...rest
      } = transfer ?? {};
      return rest;
    }),
  );
}

test.each(['current', 'legacy'] as const)(
  'starts clones of what can be failed over, and reports the rest, on a server of the %s generation',
  async (generation) => {
    stage = await onStage('dr-failover-drill', { sandbox: { generation }, settings: nightly });
    await stage.replicaOf('jenkins', 'CI, nightly, never synced');
    const before = await replicas();

    const result = await stage.run('Every quarter');

    expect(result.error).toBeUndefined();
    expect(stage.mails).toEqual([
      expect.objectContaining({
        subject: 'Coriolis failover drill: 2 of 3 replicas could be failed over',
      }),
    ]);
    const [{ text } = { text: '' }] = stage.mails;
    expect(text).toMatch(
      /Web server, nightly replica: passed\. Recovery took \d+ minutes; data of (?:8\.9|9|9\.\d) hours ago/u,
    );
    expect(text).toMatch(/Database, nightly replica: missed\. RPO 32 h \d+ min is above 26 h/u);
    expect(text).toContain('CI, nightly, never synced: no copy. no sync of it has completed.');
    expect(text).toMatch(/CLEAN UP: [\s\S]*- web-01, deployment [\w-]+$/u);
    expect(await replicas()).toEqual(before);
    expect(stage.lab.sandbox.requests.count('POST', /\/executions$/u)).toBe(0);
    const deployments = await stage.lab.rows('deployment.getAll', { returnAll: true });
    expect(deployments.map(({ instances, outcome }) => [instances, outcome]).sort()).toEqual([
      [['db-01'], 'completed'],
      [['web-01'], 'completed'],
    ]);
  },
);

test('asks for clones, so that the disks of the replica stay', async () => {
  stage = await onStage('dr-failover-drill', { settings: nightly });

  await stage.run('Every quarter');

  const [deployment] = await stage.lab.rows('deployment.getAll', { returnAll: true, simplify: false });
  expect(deployment).toEqual(expect.objectContaining({ clone_disks: true }));
});

test('a copy that is too old misses the target, and the mail says so', async () => {
  stage = await onStage('dr-failover-drill', { settings: { ...nightly, newest_copy_hours: 2 } });

  await stage.run('Every quarter');

  expect(stage.mails[0]?.text).toMatch(/Web server, nightly replica: missed\. RPO .* is above 2 h/u);
});

test('a clone that does not start is told with its reason', async () => {
  stage = await onStage('dr-failover-drill', { settings: { search: 'drill' } });
  await stage.syncedReplicaOf('fail-deploy-vm', 'drill');

  const end = await stage.run('Every quarter');

  expect(end.error?.message).toContain('No replica could be failed over');
  expect(stage.mails[0]?.subject).toBe('Coriolis failover drill: 0 of 1 replicas could be failed over');
  expect(stage.mails[0]?.text).toContain(
    'drill: failed. DEPLOY_INSTANCE_RESOURCES: Quota exceeded for cores',
  );
});
