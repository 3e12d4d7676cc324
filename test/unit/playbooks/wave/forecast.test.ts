import { makeWaveBoard } from '../../../../src/playbooks/wave/board';
import type { AdmissionCandidate, WaveLimits } from '../../../../src/playbooks/wave/admission-types';
import { estimateSecondsLeft } from '../../../../src/playbooks/wave/forecast';
import type { WaveMachine } from '../../../../src/playbooks/wave/machine-state';
import type { PlannedRow } from '../../../../src/playbooks/wave/planned-row';
import type { WaveSnapshot } from '../../../../src/playbooks/wave/wave-observer';
import type { Execution } from '../../../../src/model/api-objects';
import { parseTimeWindow } from '../../../../src/model/time-window';

const NOW = Date.parse('2026-12-05T22:00:00Z');
/** First copy of each machine, and the longest pause after it. */
const [COPY, PAUSE] = [100, 17];

/** Expects so many copies one after the other, after a time. */
function expectCopies(seconds: number | null, count: number, after = 0): void {
  expect(seconds).toBeGreaterThanOrEqual(after + count * COPY);
  expect(seconds).toBeLessThanOrEqual(after + count * (COPY + PAUSE));
}

const limits: WaveLimits = {
  maxParallel: 2,
  maxParallelPerEndpoint: undefined,
  window: undefined,
  stopAfter: undefined,
};

/** Machine that has only its first copy of 100 s to make. */
function machineOf(
  line: number,
  more: Partial<AdmissionCandidate> & { readonly gone?: boolean } = {},
): {
  readonly machine: WaveMachine;
  readonly candidate: AdmissionCandidate;
} {
  const { gone = false, ...own } = more;
  const row = {
    passes: 1,
    gib: 10,
    firstCopySeconds: gone ? null : { low: 80, high: 100 },
    shutdown: true,
    poolIds: own.pools ?? [],
  } as unknown as PlannedRow;
  const position = {
    completedPasses: 0,
    completedFinalSync: undefined,
    committed: false,
    lastCopyAt: null,
    completedDeployment: undefined,
    step: { do: 'sync' as const },
    ...own.position,
  };
  return {
    machine: {
      row,
      position,
      executions: [],
      deployments: [],
      transfer: undefined,
      progress: undefined,
    } as unknown as WaveMachine,
    candidate: {
      key: String(line),
      name: `m-${line}`,
      wave: 'Wave 1',
      order: 0,
      line,
      notBefore: null,
      endpoints: ['a', 'b'],
      pools: [],
      isJustCreated: false,
      holdReason: undefined,
      retry: undefined,
      upperSeconds: 100,
      assumedSeconds: 0,
      ...own,
      position,
    },
  };
}

/** Position of a machine whose last run failed a minute ago. */
const failedPosition = (committed: boolean): AdmissionCandidate['position'] => ({
  completedPasses: 0,
  completedFinalSync: undefined,
  committed,
  lastCopyAt: null,
  completedDeployment: undefined,
  step: {
    do: 'failed',
    at: 'sync',
    attempts: 1,
    run: { updated_at: new Date(NOW - 60_000).toISOString() } as Execution,
  },
});

const left = (
  all: ReadonlyArray<ReturnType<typeof machineOf>>,
  more: Partial<WaveLimits> = {},
  { slowdown = 1, pools = new Map<string, number>() } = {},
): number | null =>
  estimateSecondsLeft(
    {
      machines: all.map(({ machine }) => machine),
      candidates: all.map(({ candidate }) => candidate),
      goal: 'synced',
      limits: { ...limits, ...more },
      context: { foreignRuns: new Map(), pools, now: NOW },
    },
    slowdown,
  );

const windowOf = (text: string): WaveLimits['window'] => parseTimeWindow(text);
const four = [1, 2, 3, 4].map((line) => machineOf(line));

describe('the seconds that a wave has left', () => {
  it('are those of the rounds that its parallelism allows', () => {
    expectCopies(left(four), 2);
    expectCopies(left(four, { maxParallel: 3 }), 2);
    expectCopies(left(four, { maxParallel: 4 }), 1);
    expect(left([])).toBe(0);
  });

  it('grow with slower runs', () => {
    expectCopies(left(four, {}, { slowdown: 2 }), 4);
  });

  it.each([1, 2, 4])(
    'are told as a range that holds the truth when runs take a third longer than measured, %s at a time',
    (maxParallel) => {
      const context = { foreignRuns: new Map<string, number>(), pools: new Map<string, number>(), now: NOW };
      const board = makeWaveBoard({
        machines: four.map(({ machine }) => machine),
        blocked: [],
        waits: new Map(),
        failures: new Map(),
        snapshot: { now: NOW } as WaveSnapshot,
        goal: 'synced',
        planHash: null,
        forecast: {
          candidates: four.map(({ candidate }) => candidate),
          limits: { ...limits, maxParallel },
          context,
        },
        actions: [],
        attention: [],
      });
      const slower = (slowdown: number): number => left(four, { maxParallel }, { slowdown }) ?? 0;

      expect(board.etaLowSeconds).toBe(slower(1));
      expect(board.etaHighSeconds).toBeGreaterThanOrEqual(slower(4 / 3));
      // A range that is much wider says nothing.
      expect(board.etaHighSeconds).toBeLessThanOrEqual(slower(1.4));
    },
  );

  it('count the limit of an endpoint and of a pool', () => {
    expectCopies(left(four, { maxParallel: 4, maxParallelPerEndpoint: 1 }), 4);
    const pooled = [1, 2, 3, 4].map((line) => machineOf(line, { pools: ['pool'] }));
    expectCopies(left(pooled, { maxParallel: 4 }, { pools: new Map([['pool', 1]]) }), 4);
  });

  it('count the turns of an order, of each wave alone', () => {
    const orders = [0, 1, 2].map((order) => machineOf(order, { order }));
    expectCopies(left(orders, { maxParallel: 3 }), 3);
    const waves = [0, 1, 2].map((order) => machineOf(order, { order, wave: `Wave ${order}` }));
    expectCopies(left(waves, { maxParallel: 3 }), 1);
  });

  it('count the time before which a machine does not begin', () => {
    const late = machineOf(2, { notBefore: NOW + 3_600_000 });
    expectCopies(left([machineOf(1), late]), 1, 3600);
  });

  it('count the time in which a window is closed', () => {
    const window = windowOf('22:00-22:03 UTC');
    // One fits into the three minutes of each day: the next one might end after them.
    expectCopies(left(four.slice(0, 2), { maxParallel: 1, window }), 1, 86_400);
    expectCopies(left(four.slice(0, 2), { maxParallel: 2, window }), 1);
    expectCopies(left(four.slice(0, 1), { window: windowOf('Sun 22:00-23:00 UTC') }), 1, 86_400);
    // A committed machine waits for no window.
    const { machine, candidate } = machineOf(1);
    const committed = { ...machine.position, committed: true };
    expect(
      left(
        [{ machine: { ...machine, position: committed }, candidate: { ...candidate, position: committed } }],
        {
          window: windowOf('2026-12-07T00:00Z/2026-12-08T00:00Z'),
        },
      ),
    ).toBeLessThan(1000);
  });

  it('are unknown while a duration is, or when a step never fits into the window', () => {
    expect(left([machineOf(1, { gone: true })])).toBeNull();
    expect(left(four, { window: windowOf('22:00-22:01 UTC') })).toBeNull();
    expect(left(four, { window: windowOf('2026-12-05T20:00Z/2026-12-05T21:00Z') })).toBeNull();
  });

  it('leave out what waits for people', () => {
    const held = machineOf(2, { holdReason: { kind: 'gate', why: 'the call says so' } });
    expect(left([held])).toBe(0);
    expectCopies(left([machineOf(1), held]), 1);
  });

  it('count retries of failed machines last, and let no machine wait for their turn', () => {
    const retried = (line: number, order: number) =>
      machineOf(line, {
        order,
        position: failedPosition(false),
        retry: { step: 'sync', failedAt: NOW - 60_000 },
      });
    expectCopies(left([retried(1, 0), machineOf(2, { order: 1 })]), 1);
    expectCopies(left([retried(1, 1), machineOf(2, { order: 0 })]), 2);
    // Once it is at work again it is a machine like others.
    const later = machineOf(3, { order: 2, notBefore: NOW + 30_000 });
    expectCopies(left([retried(1, 0), machineOf(2, { order: 1 }), later]), 2);
  });

  it('count the slot that is kept for a failed machine whose source is off', () => {
    const off = machineOf(1, { position: failedPosition(true) });
    expectCopies(left([off, machineOf(2), machineOf(3)]), 2);
    expectCopies(left([off, machineOf(2), machineOf(3)], { maxParallel: 3 }), 1);
    // There is none beside which the others could go on.
    expectCopies(left([off, machineOf(2), machineOf(3)], { maxParallel: 1 }), 2);
  });

  it('take little time for a wave of 500 machines', () => {
    const many = Array.from({ length: 500 }, (_one, line) => machineOf(line));
    expectCopies(left(many, { maxParallel: 10 }), 50);
  });
});
