import type { Deployment, Execution } from '../../../../src/model/api-objects';
import type { AdmissionCandidate, WaveLimits } from '../../../../src/playbooks/wave/admission-types';
import { estimateSecondsLeft } from '../../../../src/playbooks/wave/forecast';
import type { WaveMachine } from '../../../../src/playbooks/wave/machine-state';
import type { WaveStepName, WaveGoal, WaveStep } from '../../../../src/playbooks/wave/machine-position';
import { parseTimeWindow } from '../../../../src/model/time-window';

/** Which steps a machine has left, and how long each takes, by what was measured. */

const NOW = Date.parse('2026-12-05T22:00:00Z');
/** Seconds that are assumed between two steps. */
const PAUSE = 10;
/** Seconds of a first copy as the plan estimates it, and the gibibytes of a machine unless a test says so. */
const [FIRST, GIB] = [100, 10];

const iso = (secondsAgo: number): string => new Date(NOW - secondsAgo * 1000).toISOString();

/** A run that has ended and took so long. */
const ended = (seconds: number) => ({ created_at: iso(seconds + 900), updated_at: iso(900) });
const sync = (number: number, seconds: number): Execution =>
  ({ number, type: 'transfer_execution', status: 'COMPLETED', ...ended(seconds) }) as Execution;
const deployment = (seconds: number): Deployment =>
  ({ last_execution_status: 'COMPLETED', ...ended(seconds) }) as Deployment;

interface Given {
  readonly line?: number;
  readonly step?: WaveStepName | WaveStep;
  readonly passes?: number;
  readonly completedPasses?: number;
  readonly committed?: boolean;
  readonly shutdown?: boolean;
  readonly gib?: number | null;
  readonly planned?: number | null;
  readonly executions?: readonly Execution[];
  readonly deployments?: readonly Deployment[];
  /** Seconds that the copy at work has left, as it says itself. */
  readonly eta?: number;
  readonly pools?: readonly string[];
}

type Player = readonly [WaveMachine, AdmissionCandidate];

function machineOf({
  line = 1,
  step = 'sync',
  passes = 1,
  completedPasses = 0,
  committed = false,
  shutdown = true,
  gib = GIB,
  planned = FIRST,
  executions = [],
  deployments = [],
  eta,
  pools = [],
}: Given = {}): Player {
  const position = {
    completedPasses,
    completedFinalSync: undefined,
    committed,
    lastCopyAt: null,
    completedDeployment: undefined,
    step: typeof step === 'string' ? { do: step } : step,
  };
  const row = {
    passes,
    gib,
    shutdown,
    poolIds: pools,
    firstCopySeconds: planned && { low: 1, high: planned },
  };
  const progress = eta === undefined ? undefined : { eta_seconds: eta };
  return [
    { row, position, executions, deployments, transfer: undefined, progress } as unknown as WaveMachine,
    {
      key: String(line),
      name: `m-${line}`,
      wave: 'Wave 1',
      order: 0,
      line,
      notBefore: null,
      endpoints: ['a', 'b'],
      pools,
      isJustCreated: false,
      holdReason: undefined,
      retry: undefined,
      upperSeconds: null,
      assumedSeconds: 0,
      position,
    },
  ];
}

/** A machine that is through, from which durations are measured. */
const past = (more: Given): Player =>
  machineOf({ line: 99, step: { do: 'done', deployment: deployment(1) }, ...more });

/** Step of a machine whose run began so many seconds ago. */
const atWork = (at: WaveStepName, secondsAgo: number): WaveStep => ({
  do: 'wait',
  at,
  run: { created_at: iso(secondsAgo) } as Execution,
});

const left = (
  players: readonly Player[],
  {
    goal = 'synced',
    slowdown = 1,
    pools = [],
    ...more
  }: Partial<WaveLimits> & {
    readonly goal?: WaveGoal;
    readonly slowdown?: number;
    readonly pools?: ReadonlyArray<readonly [string, number]>;
  } = {},
): number | null =>
  estimateSecondsLeft(
    {
      machines: players.map(([machine]) => machine),
      candidates: players.map(([, candidate]) => candidate),
      goal,
      limits: {
        maxParallel: 2,
        maxParallelPerEndpoint: undefined,
        window: undefined,
        stopAfter: undefined,
        ...more,
      },
      context: { foreignRuns: new Map(), pools: new Map(pools), now: NOW },
    },
    slowdown,
  );

/** Steps of these seconds, one after the other. */
const steps = (...seconds: readonly number[]): number => seconds.reduce((sum, one) => sum + one + PAUSE, 0);

describe('the steps that a machine has left', () => {
  const measured = past({ executions: [sync(2, 40)], deployments: [deployment(70)] });

  it('are its passes, the final sync and the deployment, as far as the goal asks', () => {
    const fresh = machineOf({ passes: 2 });
    expect(left([fresh, measured], { goal: 'prepared' })).toBe(steps(FIRST));
    expect(left([fresh, measured], { goal: 'protected' })).toBe(steps(FIRST));
    expect(left([fresh, measured], { goal: 'synced' })).toBe(steps(FIRST, 40));
    expect(left([fresh, measured], { goal: 'cut_over' })).toBe(steps(FIRST, 40, 40, 70));
    const synced = machineOf({ step: 'final_sync', completedPasses: 1 });
    expect(left([synced, measured], { goal: 'cut_over' })).toBe(steps(40, 70));
  });

  it('do not hold again what is at work', () => {
    const goal = 'cut_over';
    const working = (at: WaveStepName, completedPasses: number) =>
      machineOf({ step: atWork(at, 0), passes: 2, completedPasses, eta: 25 });
    expect(left([working('sync', 0), measured], { goal })).toBe(steps(25, 40, 40, 70));
    expect(left([working('sync', 1), measured], { goal })).toBe(steps(25, 40, 70));
    expect(left([working('final_sync', 2), measured], { goal })).toBe(steps(25, 70));
    expect(left([working('deploy', 3), measured], { goal })).toBe(steps(25));
  });

  it('go to the end of the cutover for a machine whose source is off, also after a stop', () => {
    const off = machineOf({ step: 'deploy', completedPasses: 2, committed: true });
    expect(left([off, measured], { goal: 'prepared' })).toBe(steps(40, 70));
    const failed: WaveStep = { do: 'failed', at: 'sync', attempts: 1, run: sync(1, 5) };
    const stopped = [machineOf({ line: 2, step: failed }), machineOf({ line: 3 }), measured];
    expect(left([off, ...stopped], { goal: 'cut_over', stopAfter: 1, maxParallel: 1 })).toBe(steps(40, 70));
    expect(left([off, ...stopped], { goal: 'cut_over', stopAfter: 2, maxParallel: 1 })).toBe(
      steps(40, 70, FIRST, 40, 70),
    );
  });
});

describe('the seconds of a step', () => {
  it('are those of the plan for the first copy, and a tenth of it for later ones until one was measured', () => {
    expect(left([machineOf({ passes: 3 })])).toBe(steps(FIRST, FIRST / 10, FIRST / 10));
  });

  it('are measured ones by size, or the median for a machine of unknown size', () => {
    const syncs = [sync(2, 20), sync(3, 30), sync(4, 70)];
    const measured = past({ executions: syncs });
    // 10 GiB took 40 s in the mean.
    expect(left([machineOf({ gib: 20, passes: 2 }), measured])).toBe(steps(FIRST, 80));
    expect(left([machineOf({ gib: null, passes: 2 }), measured])).toBe(steps(FIRST, 30));
    const firsts = past({ executions: [sync(1, 50)] });
    expect(left([machineOf({ gib: 20, planned: null }), firsts])).toBe(steps(100));
    expect(left([machineOf({ gib: null, planned: null }), firsts])).toBe(steps(50));
  });

  it('are those that a copy at work says itself, else what is left of the usual ones, and never nothing', () => {
    expect(left([machineOf({ step: atWork('sync', 60), eta: 30 })])).toBe(steps(30));
    expect(left([machineOf({ step: atWork('sync', 60) })])).toBe(steps(FIRST - 60));
    expect(left([machineOf({ step: atWork('sync', 500) })])).toBe(steps(FIRST / 10));
    const measured = past({ executions: [sync(2, 40)], deployments: [deployment(70)] });
    const later = machineOf({ step: atWork('sync', 10), completedPasses: 1 });
    expect(left([later, measured])).toBe(steps(30));
    expect(left([machineOf({ step: atWork('deploy', 10), completedPasses: 2 }), measured])).toBe(steps(60));
  });

  it('are longer by a factor, those of what is at work included', () => {
    const both = [machineOf({ step: atWork('sync', 60), eta: 40, passes: 2 })];
    expect(left(both, { slowdown: 2 })).toBe(steps(80, 2 * (FIRST / 10)));
  });

  it('are known from the copies at work before one of that size has ended', () => {
    const small = past({ gib: 1, executions: [sync(1, 20)] });
    const large = machineOf({ gib: 101, step: atWork('sync', 100), eta: 920, planned: null });
    const next = machineOf({ line: 2, gib: 101, planned: null });
    // A line from 20 s for 1 GiB to 1020 s for 101 GiB.
    expect(left([small, large, next], { maxParallel: 1 })).toBe(steps(920, 1020));
  });
});

describe('the order of steps', () => {
  const long = machineOf({ line: 4, planned: 300, gib: null });

  it('is that of admission, whatever the order of the rows', () => {
    const all = [long, machineOf({ line: 1 }), machineOf({ line: 2 })];
    expect(left(all)).toBe(steps(FIRST, 300));
  });

  it('lets a machine go on with its next step before those that come after it', () => {
    const twice = machineOf({ line: 1, passes: 2, completedPasses: 0 });
    const measured = past({ executions: [sync(2, FIRST)] });
    const all = [twice, machineOf({ line: 2 }), machineOf({ line: 3 }), long, measured];
    expect(left(all)).toBe(steps(FIRST, FIRST, 300));
  });

  it('leaves no slot to a machine while others are at work in it', () => {
    const all = [machineOf({ step: atWork('sync', 50), eta: 50 }), machineOf({ line: 2 })];
    expect(left(all, { maxParallel: 1 })).toBe(steps(50, FIRST));
    expect(left(all, { maxParallel: 2 })).toBe(steps(FIRST));
  });

  it('counts the minion pools of later steps', () => {
    const measured = past({ executions: [sync(2, 40)] });
    const pooled = [1, 2].map((line) =>
      machineOf({ line, passes: 2, step: atWork('sync', 0), eta: 10, pools: ['p'] }),
    );
    expect(left([...pooled, measured], { pools: [['p', 1]] })).toBe(steps(10, 40, 40));
    expect(left([...pooled, measured], { pools: [['p', 2]] })).toBe(steps(10, 40));
  });

  it('begins no later step that may go beyond the window, apart from the deployment of a source that is off', () => {
    const window = parseTimeWindow('22:00-22:05 UTC');
    // A later sync took 100 s at most, so it may take 120 s; a final sync and a deployment 240 s.
    const measured = past({ executions: [sync(2, 100)], deployments: [deployment(100)] });
    const first = machineOf({ passes: 2, step: atWork('sync', 0), eta: 100 });
    expect(left([first, measured], { window })).toBe(steps(100, 100));
    const slow = machineOf({ passes: 2, step: atWork('sync', 0), eta: 180 });
    expect(left([slow, measured], { window })).toBe(86_400 + steps(100));
    const goal = 'cut_over';
    const final = machineOf({ step: 'final_sync', completedPasses: 1 });
    expect(left([final, measured], { window, goal })).toBe(steps(100, 100));
    const tight = machineOf({ step: atWork('final_sync', 0), eta: 250, completedPasses: 1, committed: true });
    expect(left([tight, measured], { window, goal })).toBe(steps(250, 100));
    const justShut = machineOf({ step: atWork('final_sync', 0), eta: 250, completedPasses: 1 });
    expect(left([justShut, measured], { window, goal })).toBe(steps(250, 100));
    const live = machineOf({ step: atWork('final_sync', 0), eta: 250, completedPasses: 1, shutdown: false });
    expect(left([live, measured], { window, goal })).toBe(86_400 + steps(100));
  });
});
