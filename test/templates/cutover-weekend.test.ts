import { locator } from '../engine/lab';
import { decision, onStage, type Stage } from './stage';

/** The cutover: at the time that was set, one machine after the other, and a person decides after each failure. */

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
    const before = stage.lab.sandbox.truth().length;

    const asked = await stage.run('Start');
    expect(subjects()).toEqual(['Coriolis cutover of 2 replicas: go?']);
    expect(stage.mails[0]?.text).toMatch(/1\. 1 cutover, web \(web-02\), about \d+ minutes/u);
    expect(stage.lab.sandbox.truth()).toHaveLength(before);

    const end = await stage.resume(asked, decision('Go'));
    expect(end.error).toBeUndefined();
    expect(report()).toEqual(
      expect.objectContaining({
        subject: 'Coriolis cutover: 2 of 2 done',
        text: expect.stringMatching(/^1 cutover, web: cut over\n2 cutover, app: cut over/u),
      }),
    );
    expect(stage.lab.sandbox.truth().slice(before)).toEqual(
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

  const end = await stage.resume(await stage.run('Start'), response);

  expect(end.status).toBe('error');
  expect(end.error?.message).toMatch(/^Nothing was started: (?:Ada answered No|nobody answered in time)\.$/u);
  expect(await syncs(transfer)).toBe(1);
});

test('a replica without a finished copy keeps the question from being asked', async () => {
  stage = await onStage('cutover-weekend', { settings });
  await stage.syncedReplicaOf('web-02', 'cutover, web');
  await stage.replicaOf('app-01', 'cutover, app');

  await stage.run('Start');

  expect(subjects()).toEqual(['Coriolis cutover: not ready, nothing was started']);
  expect(report()?.text).toContain('cutover, app: ');
  expect(report()?.text).not.toContain('cutover, web');
});

test('a step that does not fit into the window is not begun', async () => {
  stage = await onStage('cutover-weekend', { settings: { ...settings, window_end: hoursFromNow(0.5) } });
  const transfer = await stage.syncedReplicaOf('web-02', 'cutover, web');

  await stage.resume(await stage.run('Start'), decision('Go'));

  expect(report()).toEqual(
    expect.objectContaining({
      subject: 'Coriolis cutover: 0 of 1 done',
      text: expect.stringContaining('cutover, web: not begun. It would not end inside the window.'),
    }),
  );
  expect(await syncs(transfer)).toBe(1);
});

describe('when a machine cannot be deployed', () => {
  async function untilTheFailure() {
    stage = await onStage('cutover-weekend', { settings });
    await stage.syncedReplicaOf('fail-deploy-vm', '1 cutover, fails');
    const next = await stage.syncedReplicaOf('web-02', '2 cutover, web');
    const waiting = await stage.resume(await stage.run('Start'), decision('Go'));
    expect(subjects()[1]).toBe('Coriolis cutover: 1 cutover, fails failed. Go on with the next?');
    expect(report()?.text).toContain('Quota exceeded for cores');
    expect(report()?.text).toContain('To go back, start them there');
    expect(await syncs(next)).toBe(1);
    return { waiting, next };
  }

  test('the next one waits for a person, and begins when told to', async () => {
    const { waiting, next } = await untilTheFailure();

    await stage.resume(waiting, decision('Go on'));

    expect(report()?.text).toMatch(
      /^1 cutover, fails: failed\. deployment failed: .*\n2 cutover, web: cut over/u,
    );
    expect(await syncs(next)).toBe(2);
  });

  test('the rest is left alone when told to stop, and reported so', async () => {
    const { waiting, next } = await untilTheFailure();

    await stage.resume(waiting, decision('Stop'));

    expect(report()?.text).toMatch(/\n2 cutover, web: not begun\. Somebody stopped the cutover\./u);
    expect(await syncs(next)).toBe(1);
  });
});
