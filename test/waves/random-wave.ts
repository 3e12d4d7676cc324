import { withoutUndefined } from '../../src/model/json';
import type { InstanceBehaviour, InstanceFailure } from '../../sandbox/platforms/platform';
import type { VmSpec } from '../../sandbox/platforms/make-vms';
import type { Generation } from '../../sandbox/world/releases';
import type { JsonObject } from '../../src/model/json';
import type { WaveGoal } from '../../src/playbooks/wave/machine-position';
import { machine } from './estate';

/** Random numbers that repeat for a seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A failure at each stage: checks, disks, workers, copying, shutdown, deployment. */
const FAILURES: readonly InstanceFailure[] = [
  { taskType: 'VALIDATE_TRANSFER_SOURCE_INPUTS', message: 'The guest OS is not supported' },
  { taskType: 'DEPLOY_TRANSFER_DISKS', message: 'Quota exceeded for volumes' },
  {
    taskType: 'DEPLOY_TRANSFER_TARGET_RESOURCES',
    message: 'Operation timed out after waiting 600s for the instance to be accessible via SSH.',
  },
  { taskType: 'REPLICATE_DISKS', atPercent: 30, message: 'The ESXi host refused connection.' },
  { taskType: 'SHUTDOWN_INSTANCE', message: 'The machine has no guest tools' },
  { taskType: 'DEPLOY_INSTANCE_RESOURCES', message: 'No valid host was found' },
  { taskType: 'OS_MORPHING', message: 'No operating system found on the disks' },
];

/** Work that never ends. */
const STUCK: readonly InstanceBehaviour[] = [
  { stuckAtPercent: 63 },
  { stuckTask: 'DEPLOY_TRANSFER_DISKS' },
  { stuckTask: 'OS_MORPHING' },
  { neverFinishes: true },
];

/** One machine of a random wave. */
export interface RandomMachine {
  readonly spec: VmSpec;
  readonly failure: InstanceFailure | undefined;
  readonly isStuck: boolean;
  readonly order: number;
  /** Seconds after the begin of the wave before which nothing of it begins. */
  readonly notBeforeSeconds: number | undefined;
  /** Whether a replica of it exists and was synced before the wave. */
  readonly isReplica: boolean;
  /** Whether it moves between the endpoints of the second site. */
  readonly isOfSecondSite: boolean;
}

/** One call, or several at once, with the same goal. */
export interface Phase {
  readonly until: WaveGoal;
  readonly callers: number;
  readonly timeoutSeconds: number;
  /** Opening and end of the window in seconds after the begin of the phase. */
  readonly window: readonly [from: number, to: number] | undefined;
  readonly stopAfter: number | undefined;
  /** Machines to run; all when undefined. */
  readonly only: readonly string[] | undefined;
  readonly retryFailed: boolean;
}

/** A licence that ends while the wave runs. */
export interface EndingLicence {
  /** Seconds after the begin of the wave. */
  readonly afterSeconds: number;
  /** Whether another licence is added before the last phase. */
  readonly isRenewed: boolean;
}

/** A random wave, with everything that may happen to it. */
export interface RandomWave {
  readonly seed: number;
  readonly generation: Generation;
  readonly speed: number;
  readonly scenario: 'replica' | 'live_migration';
  readonly machines: readonly RandomMachine[];
  readonly passes: number;
  readonly shutdown: boolean;
  readonly maxParallel: number;
  readonly maxParallelPerEndpoint: number | undefined;
  /** Machines of the destination's minion pool; undefined for none. */
  readonly poolSize: number | undefined;
  /** Licences left when the wave begins; undefined when the server asks for none. */
  readonly licences: number | undefined;
  readonly endingLicence: EndingLicence | undefined;
  /** Machines of others that are copied between the first endpoints when the wave begins. */
  readonly foreign: readonly VmSpec[];
  readonly phases: readonly Phase[];
  /** Faults of requests, as the sandbox takes them. */
  readonly faults: readonly string[];
  /** Requests after which each caller dies, in turn; those after them live on. */
  readonly deaths: readonly number[];
  readonly random: () => number;
}

/** Names of the endpoints of the second site. */
export const SECOND_SITE = { origin: 'vcenter-2', destination: 'openstack-2' } as const;

const LONG_SECONDS = 24 * 3600;
const SHORT_SECONDS = 3600;

/** @param most machines at most */
export function randomWave(seed: number, most: number): RandomWave {
  const random = seeded(seed);
  const pick = (from: number, to: number): number => from + Math.floor(random() * (to - from + 1));
  const chance = (part: number): boolean => random() < part;
  const some = <Item>(items: readonly Item[]): Item => items[pick(0, items.length - 1)] as Item;

  const generation = chance(0.25) ? 'legacy' : 'current';
  const shutdown = chance(0.8);
  const scenario = generation === 'legacy' || chance(0.4) ? 'replica' : 'live_migration';
  // Small waves show most faults and cost little.
  const count = chance(0.7) ? pick(1, Math.min(12, most)) : pick(1, most);
  const hasOrder = chance(0.25);
  const hasStuck = chance(0.15);
  const hasReplicas = shutdown && scenario === 'replica' && chance(0.5);
  const hasSecondSite = chance(0.25);
  const poolSize = !hasSecondSite && chance(0.25) ? pick(1, 3) : undefined;
  // With a minion pool no worker is deployed.
  const failures = FAILURES.filter(
    ({ taskType }) => poolSize === undefined || taskType !== 'DEPLOY_TRANSFER_TARGET_RESOURCES',
  );
  const machines = Array.from({ length: count }, (_one, place): RandomMachine => {
    const failure = chance(0.2) ? some(failures) : undefined;
    const isStuck = failure === undefined && hasStuck && chance(0.2);
    const isOfSecondSite = hasSecondSite && chance(0.5);
    return {
      spec: machine(`m-${place + 1}`, {
        disks: [pick(1, 40)],
        behaviour: {
          ...withoutUndefined({ failure }),
          ...(isStuck ? some(STUCK) : {}),
          ...(chance(0.15) ? { slowdown: pick(2, 6) } : {}),
        },
      }),
      failure,
      isStuck,
      order: hasOrder ? pick(0, 2) : 0,
      notBeforeSeconds: chance(0.1) ? pick(30, 1800) : undefined,
      isReplica: hasReplicas && failure === undefined && !isStuck && !isOfSecondSite && chance(0.4),
      isOfSecondSite,
    };
  });
  const endsByTime = machines.some(({ isStuck }) => isStuck);
  const phase = (until: WaveGoal): Phase => {
    const window = chance(0.2) ? ([pick(0, 300), pick(400, 2400)] as const) : undefined;
    return {
      until,
      callers: pick(1, 4),
      timeoutSeconds: endsByTime || window !== undefined ? SHORT_SECONDS : LONG_SECONDS,
      window,
      stopAfter: chance(0.1) ? pick(1, 3) : undefined,
      only: chance(0.2)
        ? machines.filter((_machine, place) => place === 0 || chance(0.5)).map(({ spec: { name } }) => name)
        : undefined,
      retryFailed: chance(0.1),
    };
  };
  const before = (['prepared', 'synced'] as const).filter(() => chance(0.25));
  const maxParallelPerEndpoint = chance(hasSecondSite ? 0.7 : 0.2) ? pick(1, 4) : undefined;
  const licences = generation === 'current' && chance(0.15) ? pick(0, count) : undefined;
  return {
    seed,
    generation,
    speed: pick(5, 60),
    scenario,
    machines,
    passes: pick(1, 3),
    shutdown,
    maxParallel: pick(1, 8),
    maxParallelPerEndpoint,
    poolSize,
    licences,
    endingLicence:
      generation === 'current' && licences === undefined && chance(0.15)
        ? { afterSeconds: pick(1, 3600), isRenewed: chance(0.5) }
        : undefined,
    foreign:
      maxParallelPerEndpoint === undefined || licences !== undefined
        ? []
        : Array.from({ length: pick(0, 3) }, (_one, place) =>
            machine(`other-${place + 1}`, { disks: [pick(5, 80)], behaviour: {} }),
          ),
    phases: [
      ...before.map(phase),
      phase('cut_over'),
      // The last call has no limit in time, so that only what cannot go on is left.
      {
        ...phase('cut_over'),
        window: undefined,
        stopAfter: undefined,
        only: undefined,
        timeoutSeconds: endsByTime ? SHORT_SECONDS : LONG_SECONDS,
      },
    ],
    faults: Array.from({ length: pick(0, 5) }, () => {
      const where = some(['/transfers', '/executions', '/deployments']);
      const fault = some(['lost-answer', 'lost-answer', 'reset', 'truncate', 'status=502', 'html=504']);
      return `POST ${where} ${fault} after=${pick(0, 2 * count)}`;
    }),
    deaths: Array.from({ length: pick(0, 10) }, () => pick(1, 160)),
    random,
  };
}

/** Rows of the table of a random wave. */
export const rowsOf = ({ machines }: RandomWave, begin: number): readonly JsonObject[] =>
  machines.map(({ spec: { name }, order, notBeforeSeconds, isOfSecondSite }) => ({
    machine: name,
    order,
    ...(isOfSecondSite
      ? { origin_endpoint_id: SECOND_SITE.origin, destination_endpoint_id: SECOND_SITE.destination }
      : {}),
    ...(notBeforeSeconds === undefined
      ? {}
      : { not_before: new Date(begin + notBeforeSeconds * 1000).toISOString() }),
  }));

/** Rows of a table that was not approved: each differs in one setting, and those that had to wait no longer do. */
export const otherRowsOf = (wave: RandomWave, begin: number): readonly JsonObject[] =>
  rowsOf(wave, begin).map((row, place) => ({
    ...row,
    ...[
      { order: 7 },
      { passes: wave.passes + 1 },
      { not_before: new Date(begin - 60_000).toISOString() },
      { skip_os_morphing: 'yes' },
    ][place % 4],
  }));
