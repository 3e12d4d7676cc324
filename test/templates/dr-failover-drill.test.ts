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
      // Its age grows while the drill runs.
      return { ...transfer, last_copy_age_seconds: null };
    }),
  );
}

test.each(['current', 'legacy'] as const)(
  'starts clones of what can be failed over, and reports the rest, on a server of the %s generation',
  async (generation) => {
    stage = await onStage('dr-failover-drill', { sandbox: { generation }, settings: nightly });
    await stage.replicaOf('jenkins', 'CI, nightly, never synced');
    const before = await replicas();

    const result = await stage.run('Start');

    expect(result.error).toBeUndefined();
    expect(stage.mails).toEqual([
      expect.objectContaining({
        subject: 'Coriolis failover drill: 1 of 3 replicas could be failed over',
      }),
    ]);
    const [{ text } = { text: '' }] = stage.mails;
    expect(text).toMatch(
      /Web server, nightly replica: completed\. Recovery took \d+ minutes; data of (?:8\.9|9|9\.\d) hours ago/u,
    );
    expect(text).toContain('Database, nightly replica: no usable copy. The newest execution is failed.');
    expect(text).toContain('CI, nightly, never synced: no usable copy. There is no completed sync.');
    expect(text).toMatch(/CLEAN UP: [\s\S]*- web-01 on endpoint [\w-]+, deployment [\w-]+$/u);
    expect(await replicas()).toEqual(before);
    expect(stage.lab.sandbox.requests.count('POST', /\/executions$/u)).toBe(0);
    expect(await stage.lab.rows('deployment.getAll', { returnAll: true })).toEqual([
      expect.objectContaining({ instances: ['web-01'], outcome: 'completed' }),
    ]);
  },
);

test('asks for clones, so that the disks of the replica stay', async () => {
  stage = await onStage('dr-failover-drill', { settings: nightly });

  await stage.run('Start');

  const [deployment] = await stage.lab.rows('deployment.getAll', { returnAll: true, simplify: false });
  expect(deployment).toEqual(expect.objectContaining({ clone_disks: true }));
});

test('a copy that is too old is no copy, and nothing is started', async () => {
  stage = await onStage('dr-failover-drill', { settings: { ...nightly, newest_copy_hours: 2 } });

  await stage.run('Start');

  expect(stage.mails[0]?.text).toMatch(/The newest copy is (?:8\.9|9|9\.\d) hours old/u);
  expect(stage.mails[0]?.text).toContain('- nothing was deployed');
  expect(await stage.lab.rows('deployment.getAll', { returnAll: true })).toEqual([]);
});

test('a clone that does not start is told with its reason', async () => {
  stage = await onStage('dr-failover-drill', { settings: { search: 'drill' } });
  await stage.syncedReplicaOf('fail-deploy-vm', 'drill');

  await stage.run('Start');

  expect(stage.mails[0]?.subject).toBe('Coriolis failover drill: 0 of 1 replicas could be failed over');
  expect(stage.mails[0]?.text).toContain('drill: failed. Quota exceeded for cores');
});
