import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import type { VmSpec } from '../../sandbox/platforms/make-vms';
import { ManualClock } from '../../sandbox/world/clock';
import type { Coriolis } from '../../src/api/operation-context';
import type { Diagnosis } from '../../src/playbooks/diagnosis/diagnosed-run';
import { connect, one, rows, sleepingOn } from '../support/coriolis';
import { ledgerMachine } from '../support/ledger-machine';
import { createTransfer } from '../support/transfers';

type Changing<T> = { -readonly [Key in keyof T]: T[Key] };

/** Behaviour of the machine, which the tests change. */
const behaviour: Changing<NonNullable<VmSpec['behaviour']>> = {};
const machine: VmSpec = { ...ledgerMachine, behaviour };
const QUOTA = {
  taskType: 'DEPLOY_INSTANCE_RESOURCES',
  message: 'Quota exceeded for cores: Requested 2, but already used 19 of 20 cores',
};

it('a diagnosis that names nothing says so when nothing has failed', async () => {
  const sandbox = await startSandbox({ populated: false });
  await expect(one(connect(sandbox), 'estate.diagnose', {})).rejects.toMatchObject({
    field: 'transferId',
    message: expect.stringContaining('Nothing has failed') as string,
    advice: 'Name a transfer or a deployment.',
  });
  await sandbox.stop();
});

describe.each(['current', 'legacy'] as const)('what came after a failure on a %s server', (generation) => {
  const clock = new ManualClock();
  let sandbox: Sandbox;
  let coriolis: Coriolis;
  let transferId = '';
  const failures: string[] = [];

  beforeAll(async () => {
    delete behaviour.failure;
    delete behaviour.stuckAtPercent;
    sandbox = await startSandbox({ clock, generation, machines: [machine] });
    coriolis = connect(sandbox, sandbox.connection.admin, sleepingOn(clock));
    transferId = await createTransfer(coriolis, 'ledger');
    await one(coriolis, 'execution.start', { transferId });
    await one(coriolis, 'execution.wait', { transferId, timeoutSeconds: 80_000 });
    behaviour.failure = QUOTA;
    failures.push(await deploy('failed'), await deploy('failed'));
  });
  afterAll(() => sandbox.stop());

  it('is diagnosed without naming a transfer, when nothing failed later', async () => {
    expect(await one<Diagnosis>(coriolis, 'estate.diagnose', {})).toMatchObject({
      kind: 'deployment',
      id: failures.at(-1),
      outcome: 'failed',
    });
  });

  async function deploy(expected: string): Promise<string> {
    clock.advance(60);
    const { id } = await one<{ id: string }>(coriolis, 'deployment.create', { transferId });
    const { outcome } = await one<{ outcome: string }>(coriolis, 'deployment.wait', {
      deploymentId: id,
      timeoutSeconds: 80_000,
    });
    expect(outcome).toBe(expected);
    return id;
  }
  const diagnosisOf = (deploymentId: string | undefined): Promise<Diagnosis> =>
    one<Diagnosis>(coriolis, 'deployment.diagnose', { deploymentId });

  it('names the newest deployment while none has completed', async () => {
    const [first, second] = failures;
    expect(await diagnosisOf(second)).toMatchObject({ is_newest: true, completed_since: null });
    const earlier = await diagnosisOf(first);
    expect(earlier).toMatchObject({ is_newest: false, completed_since: null });
    expect(earlier.summary).toContain(second);
    expect(earlier.next_steps.length).toBeGreaterThan(1);
  });

  it('says that the matter is over when a later one has completed, and offers no check', async () => {
    delete behaviour.failure;
    const done = await deploy('completed');
    for (const failed of failures) {
      const diagnosis = await diagnosisOf(failed);
      expect(diagnosis).toMatchObject({ is_newest: false, completed_since: done });
      expect(diagnosis.next_steps).toEqual([`Nothing: deployment ${done} has completed since.`]);
    }
  });

  it('lists what a run did, when asked for', async () => {
    interface Detail {
      readonly timeline: ReadonlyArray<{
        readonly task_type: string;
        readonly started_at: string;
        readonly ended_at: string;
      }> | null;
      readonly longest_task: string | null;
    }
    const plain = await one<Detail>(coriolis, 'execution.get', { transferId });
    expect(plain).toMatchObject({ timeline: null, longest_task: null });
    const { timeline, longest_task: longest } = await one<Detail>(coriolis, 'execution.get', {
      transferId,
      timeline: true,
    });
    expect(timeline?.map(({ task_type: type }) => type)).toContain('REPLICATE_DISKS');
    for (const { started_at: from, ended_at: to } of timeline ?? []) expect(to >= from).toBe(true);
    expect(longest).toMatch(/^REPLICATE_DISKS of ledger, \d+ s$/u);
    const deployed = await one<Detail>(coriolis, 'deployment.get', {
      deploymentId: failures[0],
      timeline: true,
    });
    expect(deployed.timeline?.length).toBeGreaterThan(0);
  });

  it('compares a running deployment with earlier ones', async () => {
    const { id } = await one<{ id: string }>(coriolis, 'deployment.create', { transferId });
    clock.advance(1);
    const running = await one<{ usual_seconds: number | null }>(coriolis, 'deployment.get', {
      deploymentId: id,
    });
    expect(running.usual_seconds).toBeGreaterThan(0);
  });

  it('of a transfer in order, tells when it was deployed', async () => {
    await one(coriolis, 'deployment.wait', {
      deploymentId: await newestDeployment(),
      timeoutSeconds: 80_000,
    });
    const { summary } = await one<Diagnosis>(coriolis, 'estate.diagnose', { transferId });
    expect(summary).toMatch(
      new RegExp(`Its newest deployment, ${await newestDeployment()}, completed at \\d{4}-.*Z\\.$`, 'u'),
    );
  });

  it('of a transfer whose newest run stands still, speaks of that run and not of an earlier failure', async () => {
    behaviour.failure = { taskType: 'REPLICATE_DISKS', message: 'Broken pipe' };
    await one(coriolis, 'execution.start', { transferId });
    await one(coriolis, 'execution.wait', { transferId, timeoutSeconds: 80_000 });
    expect(await one(coriolis, 'estate.diagnose', { transferId })).toMatchObject({ outcome: 'failed' });
    delete behaviour.failure;
    behaviour.stuckAtPercent = 50;
    const { id } = await one<{ id: string }>(coriolis, 'execution.start', { transferId });
    for (let hour = 0; hour < 8; hour += 1) {
      clock.advance(3600);
      await coriolis.client.get('/transfers', { query: { limit: 1 } });
    }
    const diagnosis = await one<Diagnosis>(coriolis, 'estate.diagnose', { transferId });
    expect(diagnosis).toMatchObject({ id, kind: 'execution', status: 'RUNNING', outcome: null });
    expect(diagnosis.stalled_seconds).toBeGreaterThan(3600);
  });

  async function newestDeployment(): Promise<string> {
    const [newest] = await rows<{ id: string }>(coriolis, 'deployment.getAll');
    return newest?.row.id ?? '';
  }
});
