import { abandonWave, previewAbandonActions } from '../../src/playbooks/wave/abandon-wave';
import { planWave } from '../../src/playbooks/wave/plan';
import { runWave } from '../../src/playbooks/wave/run-wave';
import {
  drillReportView,
  makeDrillReport,
  runDrill,
  type DrillRunInput,
} from '../../src/playbooks/drill/drill';
import { drillView } from '../../src/playbooks/drill/drill-state';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import type { InstanceFailure } from '../../sandbox/platforms/platform';
import type { Generation } from '../../sandbox/world/releases';
import { ManualClock } from '../../sandbox/world/clock';
import { connect, one, rows, sleepingOn } from '../support/coriolis';
import { machine, runOptions, waveOf } from './estate';

/** Abandoning, drills, and waves of replicas and migrations, on servers of both generations. */

let sandbox: Sandbox | undefined;
afterEach(async () => {
  await sandbox?.stop();
  sandbox = undefined;
});

const NAMES = ['done', 'synced', 'created', 'off', 'half', 'none'];
/** Machines that fail: deployed, with its disks there already, and before them. */
const FAILURES: Readonly<Record<string, InstanceFailure>> = {
  off: { taskType: 'DEPLOY_INSTANCE_RESOURCES', message: 'No valid host was found' },
  half: { taskType: 'REPLICATE_DISKS', atPercent: 30, message: 'The ESXi host refused connection.' },
  none: { taskType: 'VALIDATE_TRANSFER_SOURCE_INPUTS', message: 'The guest OS is not supported' },
};

async function stage(generation: Generation) {
  const clock = new ManualClock();
  sandbox = await startSandbox({
    clock,
    generation,
    speed: 20,
    machines: NAMES.map((name) => {
      const failure = FAILURES[name];
      return machine(name, { behaviour: failure === undefined ? {} : { failure } });
    }),
  });
  return { clock, coriolis: connect(sandbox, sandbox.connection, sleepingOn(clock)), started: sandbox };
}

describe.each(['current', 'legacy'] satisfies Generation[])('on a %s server', (generation) => {
  it('abandons what led to nothing, and keeps what was deployed, is off, or was there before', async () => {
    const { coriolis } = await stage(generation);
    const replica = await one<{ id: string }>(coriolis, 'transfer.create', {
      originEndpointId: 'vcenter',
      destinationEndpointId: 'openstack',
      instances: ['web-03'],
      ...(generation === 'current' ? { scenario: 'replica' } : {}),
      destinationEnvironment: { migr_network: 'private' },
      networkMap: { 'VM Network': 'private' },
    });
    const input = waveOf(
      [...NAMES, 'web-03'].map((name) => ({ machine: name })),
      { scenario: 'replica' },
    );
    const { hash } = await planWave(coriolis, input);
    await runWave(coriolis, input, runOptions(hash, { only: ['done', 'off'], retries: 0 }));
    await runWave(coriolis, input, runOptions(hash, { only: ['synced', 'half', 'none'], until: 'synced' }));
    await runWave(
      coriolis,
      input,
      runOptions(hash, { only: ['created'], until: 'prepared', timeoutSeconds: 0 }),
    );
    const actions = (all: ReadonlyArray<{ readonly machine: string; readonly action: string }>) =>
      Object.fromEntries(all.map(({ machine: name, action }) => [name, action]));

    const running = actions(await previewAbandonActions(coriolis, 'Wave 1', false));
    const gone = { synced: 'deleted', created: 'deleted', half: 'deleted', none: 'deleted' };
    expect(running).toEqual({ done: 'kept', off: 'kept', ...gone });
    const first = actions(await abandonWave(coriolis, 'Wave 1', true));
    // The failed copy left disks; where there are none, the transfer goes at once.
    const inTwo = { synced: 'disks_deletion', half: 'disks_deletion' };
    expect(first).toEqual({ done: 'kept', off: 'kept', created: 'deleted', none: 'deleted', ...inTwo });
    const during = await previewAbandonActions(coriolis, 'Wave 1', true);
    expect(during.find(({ machine: name }) => name === 'synced')).toMatchObject({
      action: 'kept',
      why: 'a run of the transfer is active',
    });
    await coriolis.sleep(3_600_000);
    expect(actions(await abandonWave(coriolis, 'Wave 1', true))).toEqual({
      done: 'kept',
      off: 'kept',
      synced: 'deleted',
      half: 'deleted',
    });
    const left = (await rows<{ id: string; instances: string[] }>(coriolis, 'transfer.getAll', {})).map(
      ({ row }) => row,
    );
    expect(
      left
        .filter(({ instances: [name = ''] }) => NAMES.includes(name))
        .map(({ instances }) => instances[0])
        .sort(),
    ).toEqual(['done', 'off']);
    expect(left.map(({ id }) => id)).toContain(replica.id);
  });

  it('drills with the newest copies, goes on where another call ended, and measures what the server did', async () => {
    const { coriolis, started } = await stage(generation);
    const input = waveOf(
      NAMES.map((name) => ({ machine: name })),
      { scenario: 'replica' },
    );
    const { hash } = await planWave(coriolis, input);
    await runWave(coriolis, input, runOptions(hash, { until: 'synced', only: ['done', 'synced', 'off'] }));
    await runWave(
      coriolis,
      input,
      runOptions(hash, { until: 'prepared', only: ['created'], timeoutSeconds: 0 }),
    );
    const executions = started.requests.count('POST', /\/executions$/u);

    const group = { search: '[wave "Wave 1"', endpointId: undefined, transferIds: undefined };
    const targets = { rpoTargetSeconds: undefined, rtoTargetSeconds: undefined };
    const options = { ...group, ...targets, maxParallel: 1, timeoutSeconds: 24 * 3600 };
    const drillOf = async (more: Partial<DrillRunInput>) =>
      drillView.of(await runDrill(coriolis, { ...options, since: undefined, ...more }));
    const begun = await drillOf({ timeoutSeconds: 0 });
    expect(begun).toMatchObject({ outcome: 'going_on', transfers: 4, deployed: 0 });
    const { since } = begun;
    const drill = await drillOf({ since });

    const states = Object.fromEntries(drill.rows.map(({ transfer_id: id, state }) => [id, state]));
    expect(Object.values(states).sort()).toEqual(['failed', 'no_copy', 'passed', 'passed']);
    expect(drill.to_remove.map(({ machine: name }) => name).sort()).toEqual(['done', 'synced']);
    expect(started.requests.count('POST', /\/executions$/u)).toBe(executions);
    const truth = new Map(started.listFinishedRuns().map((run) => [run.id, run]));
    for (const { deployment_id: id, rto_seconds: rto, state } of drill.rows) {
      const run = truth.get(id ?? '');
      if (state === 'passed') expect(rto).toBe((run?.finishedAt ?? 0) - (run?.createdAt ?? 0));
    }
    const report = drillReportView.of(
      await makeDrillReport(coriolis, { ...group, ...targets, since, approvals: undefined }),
    );
    expect(report.rows).toEqual(drill.rows);

    // The next drill compares itself with this one.
    await coriolis.sleep(60_000);
    const again = await drillOf({});
    for (const { transfer_id: id, previous_rto_seconds: previous, state } of again.rows) {
      const { rto_seconds: last } = drill.rows.find((row) => row.transfer_id === id) ?? {};
      if (state === 'passed') expect(previous).toBe(last);
    }
  });

  it.each(['replica', 'live_migration'] as const)('moves machines as %s', async (scenario) => {
    const { coriolis } = await stage(generation);
    const input = waveOf([{ machine: 'done' }, { machine: 'synced' }], { scenario });
    const { hash } = await planWave(coriolis, input);
    expect(await runWave(coriolis, input, runOptions(hash))).toMatchObject({ done: 2, outcome: 'completed' });
    const all = (
      await rows<{ instances: string[]; scenario: string | null }>(coriolis, 'transfer.getAll', {})
    ).map(({ row }) => row);
    const own = all.filter(({ instances: [name = ''] }) => NAMES.includes(name));
    // Legacy servers have replicas only.
    const expected = generation === 'legacy' ? 'replica' : scenario;
    expect(own.map(({ scenario: of }) => of ?? 'replica')).toEqual([expected, expected]);
  });
});
