import fc from 'fast-check';
import { admitMachines, type Admission } from '../../../../src/playbooks/wave/admission';
import type { AdmissionCandidate, WaveLimits } from '../../../../src/playbooks/wave/admission-types';
import type { WaveStep } from '../../../../src/playbooks/wave/machine-position';
import { cases } from '../../../support/cases';

const limits = (maxParallel: number, more: Partial<WaveLimits> = {}): WaveLimits => ({
  maxParallel,
  maxParallelPerEndpoint: undefined,
  window: undefined,
  stopAfter: undefined,
  ...more,
});

/** State of one machine on the server. */
interface State {
  readonly does: 'wait' | 'sync' | 'deploy' | 'failed' | 'reached';
  /** Time of its failure. */
  readonly failedAt: number;
  readonly committed: boolean;
  readonly order: number;
  readonly endpoint: string;
}

/** The machines as a caller sees them that began at a time, with `retry_failed`. */
const candidatesOf = (states: readonly State[], begunAt: number): readonly AdmissionCandidate[] =>
  states.map(({ does, failedAt, committed, order, endpoint }, index) => ({
    key: `m-${index + 1}`,
    name: `m-${index + 1}`,
    wave: 'Wave 1',
    order,
    line: index + 1,
    notBefore: null,
    endpoints: [endpoint],
    pools: [],
    position: {
      completedPasses: 0,
      completedFinalSync: undefined,
      committed,
      lastCopyAt: null,
      completedDeployment: undefined,
      step: {
        do: does,
        run: { updated_at: new Date(failedAt).toISOString() },
        at: 'sync',
      } as unknown as WaveStep,
    },
    isJustCreated: false,
    holdReason: undefined,
    retry: does === 'failed' && failedAt < begunAt ? { step: 'sync', failedAt } : undefined,
    upperSeconds: null,
    assumedSeconds: 0,
  }));

const admit = (states: readonly State[], begunAt: number, most: WaveLimits): Admission =>
  admitMachines(candidatesOf(states, begunAt), most, { foreignRuns: new Map(), pools: new Map(), now: 0 });

const startsOf = (...given: Parameters<typeof admit>): readonly string[] =>
  admit(...given).starts.map(({ key }) => key);

const machine = (does: State['does'], more: Partial<State> = {}): State => ({
  does,
  failedAt: 5,
  committed: false,
  order: 0,
  endpoint: 'a',
  ...more,
});

/** Times at which callers begin: before, between and after the failures, which are at 0 to 9. */
const BEGINNINGS = [-Infinity, 2, 5, 8, Infinity];

const state = fc.record<State>({
  does: fc.constantFrom('wait', 'sync', 'sync', 'deploy', 'failed', 'failed', 'reached'),
  failedAt: fc.integer({ min: 0, max: 9 }),
  committed: fc.boolean(),
  order: fc.integer({ min: 0, max: 2 }),
  endpoint: fc.constantFrom('a', 'b'),
});

const limitsOfRun = fc.record({
  maxParallel: fc.integer({ min: 1, max: 6 }),
  perEndpoint: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
  stopAfter: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
});

describe('callers that began at different times and see the same state', () => {
  it('fill the same slots, whatever each of them retries', () => {
    fc.assert(
      fc.property(fc.array(state, { maxLength: 14 }), limitsOfRun, (states, given) => {
        const { maxParallel, perEndpoint, stopAfter } = given;
        const most = limits(maxParallel, { maxParallelPerEndpoint: perEndpoint, stopAfter });
        const all = new Set(BEGINNINGS.flatMap((begunAt) => startsOf(states, begunAt, most)));
        const users = states.filter(({ does }, index) => does === 'wait' || all.has(`m-${index + 1}`));
        const running = states.filter(({ does }) => does === 'wait');
        expect(users.length).toBeLessThanOrEqual(Math.max(maxParallel, running.length));
        for (const endpoint of ['a', 'b']) {
          const at = (one: State): boolean => one.endpoint === endpoint;
          expect(users.filter(at).length).toBeLessThanOrEqual(
            Math.max(perEndpoint ?? Infinity, running.filter(at).length),
          );
        }
      }),
      cases(500),
    );
  });

  it('give slots to retries when nothing else can take them', () => {
    const states = [machine('failed'), machine('sync'), machine('failed', { failedAt: 3 })];

    expect(startsOf(states, Infinity, limits(1))).toEqual(['m-2']);
    expect(startsOf(states, Infinity, limits(2))).toEqual(['m-2', 'm-3']);
    expect(startsOf(states, 5, limits(3))).toEqual(['m-2', 'm-3']);
    expect(startsOf(states, Infinity, limits(3))).toEqual(['m-2', 'm-3', 'm-1']);
    expect(admit(states, Infinity, limits(2)).waits.get('m-1')?.kind).toBe('parallelism');
  });

  it('let no higher order go before a retry that follows a stop', () => {
    const states = [machine('failed'), machine('sync', { order: 1 })];

    expect(startsOf(states, Infinity, limits(5, { stopAfter: 1 }))).toEqual(['m-1']);
    expect(startsOf(states, -Infinity, limits(5, { stopAfter: 1 }))).toEqual([]);
  });

  it('keep a slot for a failed machine whose source is off, and retry it before others', () => {
    const states = [
      machine('sync'),
      machine('failed', { committed: true }),
      machine('deploy', { committed: true }),
      machine('failed', { committed: true, failedAt: 3 }),
    ];

    expect(startsOf(states, Infinity, limits(1))).toEqual(['m-3']);
    expect(startsOf(states, Infinity, limits(2))).toEqual(['m-3', 'm-4']);
    // Of several the one that failed first; the next one when that is at work again.
    expect(startsOf(states, Infinity, limits(3))).toEqual(['m-3', 'm-4', 'm-1']);
    expect(startsOf(states, 5, limits(3))).toEqual(['m-3', 'm-4', 'm-1']);
    const before = admit(states, -Infinity, limits(2));
    expect(before.starts.map(({ key }) => key)).toEqual(['m-3']);
    expect(before.waits.get('m-1')).toEqual({
      kind: 'parallelism',
      why: '2 machines at work already; a slot is kept for "m-4", whose source is off',
    });
    expect(startsOf(states, -Infinity, limits(3))).toEqual(['m-3', 'm-1']);
  });

  it('keep no slot where the others would be left without one', () => {
    const states = [machine('failed', { committed: true }), machine('sync')];

    expect(startsOf(states, Infinity, limits(1))).toEqual(['m-2']);
    expect(startsOf(states, -Infinity, limits(1))).toEqual(['m-2']);
    const perEndpoint = limits(5, { maxParallelPerEndpoint: 1 });
    expect(startsOf(states, Infinity, perEndpoint)).toEqual(['m-2']);
    expect(startsOf(states, Infinity, limits(5))).toEqual(['m-1', 'm-2']);
    expect(startsOf([machine('failed', { committed: true })], Infinity, limits(1))).toEqual(['m-1']);
  });
});
