import { locator } from '../engine/lab';
import { decision, onStage, type Stage } from './stage';

/** The cutover: at the time that was set, one machine after the other, and nothing new after a failure. */

let stage: Stage;
afterEach(() => stage.stop());

const hoursFromNow = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();
const settings = { search: 'cutover', window_start: hoursFromNow(-1), window_end: hoursFromNow(7) };

const subjects = () => stage.mails.map(({ subject }) => subject);
const report = () => stage.mails.at(-1);
/** How many syncs a replica has had. */
const syncs = async (transfer: string) =>
  (
    await stage.lab.rows('execution.getAll', {
      transferId: locator(transfer),
      simplify: false,
    })
  ).length;

test.each(['current', 'legacy'] as const)(
  'after a Go each machine is copied a last time and deployed, in order, on a server of the %s generation',
  async (generation) => {
    stage = await onStage('cutover-weekend', { sandbox: { generation }, settings });
    const web = await stage.syncedReplicaOf('web-02', '1 cutover, web');
    await stage.syncedReplicaOf('app-01', '2 cutover, app');
    const before = stage.lab.sandbox.listFinishedRuns().length;

    const asked = await stage.run('Propose a weekend');
    expect(subjects()).toEqual(['Coriolis cutover of 2 replicas: go?']);
    expect(stage.mails[0]?.text).toMatch(/1\. 1 cutover, web \(web-02\)/u);
    expect(stage.lab.sandbox.listFinishedRuns()).toHaveLength(before);

    const end = await stage.resume(asked, decision('Go'));
    expect(end.error).toBeUndefined();
    expect(report()).toEqual(
      expect.objectContaining({
        subject: 'Coriolis cutover: 2 of 2 done',
        text: expect.stringMatching(/^1 cutover, web: cut over\n2 cutover, app: cut over/u),
      }),
    );
    expect(stage.lab.sandbox.listFinishedRuns().slice(before)).toEqual(
      Array.from({ length: 4 }, (): unknown => expect.objectContaining({ status: 'COMPLETED' })),
    );
    const [last] = await stage.lab.rows('execution.get', {
      transferId: locator(web),
      executionId: locator(''),
      simplify: false,
    });
    expect(JSON.stringify(last)).toContain('"task_type":"SHUTDOWN_INSTANCE"');
    const deployments = await stage.lab.rows('deployment.getAll', { returnAll: true });
    expect(deployments.map(({ instances }) => instances)).toEqual([['app-01'], ['web-02']]);
  },
);

test.each([
  ['somebody says No', decision('No')],
  ['nobody answers', undefined],
])('nothing is shut down when %s', async (_what, response) => {
  stage = await onStage('cutover-weekend', { settings });
  const transfer = await stage.syncedReplicaOf('web-02', 'cutover, web');

  const end = await stage.resume(await stage.run('Propose a weekend'), response);

  expect(end.status).toBe('error');
  expect(end.error?.message).toMatch(/^Nothing was started: (?:Ada has not|nobody has) said Go\.$/u);
  expect(await syncs(transfer)).toBe(1);
});

test('takes the word and the window from its form', async () => {
  stage = await onStage('cutover-weekend');
  await stage.syncedReplicaOf('web-02', 'cutover, web');

  await stage.run('Propose a weekend', [
    { 'Word in the notes': 'cutover', 'Window starts': hoursFromNow(1), 'Window ends': hoursFromNow(7) },
  ]);

  expect(subjects()).toEqual(['Coriolis cutover of 1 replicas: go?']);
});

test('a replica without a finished copy keeps the question from being asked', async () => {
  stage = await onStage('cutover-weekend', { settings });
  await stage.syncedReplicaOf('web-02', 'cutover, web');
  await stage.replicaOf('app-01', 'cutover, app');

  const end = await stage.run('Propose a weekend');

  expect(subjects()).toEqual([]);
  expect(end.error?.message).toContain('cutover, app: it has no usable copy');
  expect(end.error?.message).not.toContain('cutover, web');
});

test('nothing begins outside of the window', async () => {
  const later = { window_start: hoursFromNow(1), window_end: hoursFromNow(2), hours: 0 };
  stage = await onStage('cutover-weekend', { settings: { ...settings, ...later } });
  const transfer = await stage.syncedReplicaOf('web-02', 'cutover, web');

  const waiting = await stage.resume(await stage.run('Propose a weekend'), decision('Go'));
  await stage.resume(waiting);

  expect(report()).toEqual(
    expect.objectContaining({
      subject: 'Coriolis cutover: 0 of 1 done',
      text: expect.stringContaining('cutover, web: synced. the window is closed'),
    }),
  );
  expect(await syncs(transfer)).toBe(1);
});

test('after a failure nothing new begins, and the mail names whose source is off', async () => {
  stage = await onStage('cutover-weekend', { settings });
  await stage.syncedReplicaOf('fail-deploy-vm', '1 cutover, fails');
  const next = await stage.syncedReplicaOf('web-02', '2 cutover, web');

  const end = await stage.resume(await stage.run('Propose a weekend'), decision('Go'));

  expect(end.error).toBeUndefined();
  expect(report()?.subject).toBe('Coriolis cutover: 0 of 2 done');
  expect(report()?.text).toMatch(/^1 cutover, fails: failed\. .*Quota exceeded for cores/u);
  expect(report()?.text).toContain('2 cutover, web: synced. 1 machine failed: nothing new begins');
  expect(report()?.text).toContain('The source of "fail-deploy-vm" is off and its deploy failed');
  expect(await syncs(next)).toBe(1);
});

test('a second execution goes on with what is left', async () => {
  stage = await onStage('cutover-weekend', { settings });
  const web = await stage.syncedReplicaOf('web-02', 'cutover, web');
  await stage.resume(await stage.run('Propose a weekend'), decision('Go'));
  const app = await stage.syncedReplicaOf('app-01', 'cutover, app');

  await stage.resume(await stage.run('Propose a weekend'), decision('Go'));

  expect(report()?.subject).toBe('Coriolis cutover: 2 of 2 done');
  expect(await syncs(web)).toBe(2);
  expect(await syncs(app)).toBe(2);
});
