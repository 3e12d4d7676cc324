import type { JsonObject } from '../../src/model/json';
import { planWave } from '../../src/playbooks/wave/plan';
import { runWave } from '../../src/playbooks/wave/run-wave';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import type { Generation } from '../../sandbox/world/releases';
import { ManualClock } from '../../sandbox/world/clock';
import { connect, one, sleepingOn } from '../support/coriolis';
import { machine, runOptions, waveOf } from './estate';

/** Reports of drills that are read or verified long after the drill, and machines that no drill may touch. */

let sandbox: Sandbox | undefined;
afterEach(async () => {
  await sandbox?.stop();
  sandbox = undefined;
});

interface Report extends JsonObject {
  readonly since: string;
  readonly rows: ReadonlyArray<Readonly<Record<string, unknown>>>;
  readonly agrees: boolean | null;
  readonly differences: readonly string[];
}

const NAMES = ['one', 'two'];

async function drilled(generation: Generation) {
  const clock = new ManualClock();
  sandbox = await startSandbox({
    clock,
    generation,
    speed: 20,
    machines: NAMES.map((name) => machine(name)),
  });
  const coriolis = connect(sandbox, sandbox.connection, sleepingOn(clock));
  const input = waveOf(
    NAMES.map((name) => ({ machine: name })),
    { scenario: 'replica' },
  );
  const { hash } = await planWave(coriolis, input);
  await runWave(coriolis, input, runOptions(hash, { until: 'synced' }));
  const drill = await one<Report>(coriolis, 'drill.run', { search: 'Wave 1', timeoutSeconds: 24 * 3600 });
  const { since } = drill;
  const report = async (): Promise<Report> =>
    await one<Report>(coriolis, 'drill.report', { search: 'Wave 1', since });
  const verify = async (given: JsonObject): Promise<Report> =>
    await one<Report>(coriolis, 'drill.report', { verify: JSON.parse(JSON.stringify(given)) as JsonObject });
  const syncAgain = async (): Promise<void> => {
    await coriolis.sleep(60_000);
    for (const { transfer_id: transferId } of drill.rows) {
      const { id: executionId } = await one<{ id: string }>(coriolis, 'execution.start', { transferId });
      await one(coriolis, 'execution.wait', { transferId, executionId, timeoutSeconds: 24 * 3600 });
    }
  };
  return { coriolis, drill, report, verify, syncAgain, input, hash };
}

describe.each(['current', 'legacy'] satisfies Generation[])('on a %s server', (generation) => {
  it('a report tells of the copies that were deployed, also after later syncs and drills', async () => {
    const { coriolis, drill, report, verify, syncAgain } = await drilled(generation);
    const first = await report();
    expect(first).toMatchObject({ agrees: null, differences: [], rows: drill.rows });
    await syncAgain();
    const next = await one<Report>(coriolis, 'drill.run', { search: 'Wave 1', timeoutSeconds: 24 * 3600 });
    expect(next.rows.map(({ deployment_id: id }) => id)).not.toEqual(
      drill.rows.map(({ deployment_id: id }) => id),
    );
    expect((await report()).rows).toEqual(drill.rows);
    expect(await verify(first)).toMatchObject({ agrees: true, differences: [], rows: drill.rows });
  });

  it('a report with a changed figure is refused, and so is one of another server', async () => {
    const { coriolis, drill, report, verify } = await drilled(generation);
    const first = await report();
    const forged = { ...first, rows: first.rows.map((row) => ({ ...row, rto_seconds: 1 })) };
    const { agrees, differences } = await verify(forged);
    expect(agrees).toBe(false);
    expect(differences).toContain('rows is not what the manifest says');
    expect(differences).toContainEqual(expect.stringMatching(/^rto_seconds of .* differs on the server$/u));
    for (const { transfer_id: transferId } of drill.rows)
      await one(coriolis, 'transfer.delete', { transferId });
    expect((await verify(first)).differences).toHaveLength(NAMES.length);
  });
});

it('the page of a report is verified with it, or alone', async () => {
  const { coriolis, drill, verify } = await drilled('current');
  const page = await one<{ html: string; report: JsonObject }>(coriolis, 'report.drill', {
    search: 'Wave 1',
    since: drill.since,
  });
  const { html } = page;
  const changed = html.replace('Failover drill', 'Failover drill!');
  expect(await verify({ ...page })).toMatchObject({ agrees: true, differences: [] });
  expect((await verify({ ...page, html: changed })).differences).toEqual([
    'the page is not what its seal says',
  ]);
  expect(await verify({ html })).toMatchObject({ agrees: true });
  expect(await verify({ html, report_hash: page.report['report_hash'] })).toMatchObject({ agrees: true });
  expect(await verify({ html, report_hash: '0'.repeat(64) })).toMatchObject({
    agrees: false,
    differences: ['the page is that of another report'],
  });
  expect(await verify({ html: changed })).toMatchObject({ agrees: false });
  const wave = await one<Report>(coriolis, 'wave.report', { wave: 'Wave 1', verify: { html: changed } });
  expect(wave).toMatchObject({ agrees: false, differences: ['the page is not what its seal says'] });
});

it('a drill tells which targets it missed, and lists its clones to remove', async () => {
  const { coriolis, drill } = await drilled('current');
  const report = async (targets: JsonObject) =>
    await one<Report>(coriolis, 'drill.report', { search: 'Wave 1', since: drill.since, ...targets });
  const machines = NAMES.map((name) => expect.objectContaining({ machine: name }) as unknown);
  expect(await report({ rpoTargetSeconds: 86_400, rtoTargetSeconds: 86_400 })).toMatchObject({
    outcome: 'passed',
    rows: NAMES.map(() => ({ state: 'passed', why: null })),
    to_remove: expect.arrayContaining(machines) as unknown,
  });
  expect(await report({ rpoTargetSeconds: 0, rtoTargetSeconds: 1 })).toMatchObject({
    outcome: 'failed',
    rows: NAMES.map(() => ({
      state: 'missed',
      why: expect.stringMatching(/^RPO .* is above .*; RTO .* is above /u) as string,
    })),
    to_remove: expect.arrayContaining(machines) as unknown,
  });
});

it('a report needs the begin of its drill', async () => {
  const { coriolis } = await drilled('current');
  await expect(one(coriolis, 'drill.report', { search: 'Wave 1' })).rejects.toMatchObject({ field: 'since' });
});

it.each(['current', 'legacy'] satisfies Generation[])(
  'no drill deploys a machine that is being cut over on a %s server',
  async (generation) => {
    const clock = new ManualClock();
    sandbox = await startSandbox({
      clock,
      generation,
      speed: 20,
      machines: [
        machine('off', {
          behaviour: { failure: { taskType: 'OS_MORPHING', message: 'No operating system found' } },
        }),
      ],
    });
    const coriolis = connect(sandbox, sandbox.connection, sleepingOn(clock));
    const input = waveOf([{ machine: 'off' }], { scenario: 'replica' });
    const { hash } = await planWave(coriolis, input);
    const board = await runWave(coriolis, input, runOptions(hash));
    expect(board.rows).toMatchObject([{ stage: 'failed', committed: true }]);
    const deployments = sandbox.requests.count('POST', /\/deployments$|\/migrations$/u);
    // Its deployment would look like the cutover that is missing, and be removed with the clones.
    const drill = await one<Report>(coriolis, 'drill.run', { search: 'Wave 1', timeoutSeconds: 24 * 3600 });
    expect(drill.rows).toMatchObject([
      { state: 'no_copy', why: expect.stringContaining('being cut over') as string },
    ]);
    expect(sandbox.requests.count('POST', /\/deployments$|\/migrations$/u)).toBe(deployments);
  },
);

it('a drill ends at once when the program is ending, with what it has begun', async () => {
  const { coriolis, drill } = await drilled('current');
  const ending = new AbortController();
  const sleep = async (ms: number): Promise<void> => {
    ending.abort();
    await coriolis.sleep(ms);
  };

  const next = await one<Report>({ ...coriolis, sleep, endWaitsSignal: ending.signal }, 'drill.run', {
    search: 'Wave 1',
    timeoutSeconds: 24 * 3600,
  });

  expect(drill).toMatchObject({ outcome: 'passed' });
  expect(next).toMatchObject({ outcome: 'going_on' });
});
