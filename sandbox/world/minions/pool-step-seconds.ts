import type { MinionPool } from '../pool-model';
import type { World } from '../world';

/** Minimum and maximum seconds of each step. */
const STEPS = {
  notice: [2, 4],
  validate: [3, 6],
  createSharedResources: [15, 30],
  createMachine: [60, 110],
  deleteMachine: [20, 40],
  deleteSharedResources: [10, 20],
  healthcheck: [4, 8],
  powerOn: [20, 40],
  powerOff: [10, 20],
} as const satisfies Record<string, readonly [number, number]>;

/** Steps that take half of the configured time of a step (recorded series). */
const HALF_TIME_STEPS: readonly string[] = [
  'validate',
  'deleteMachine',
  'deleteSharedResources',
  'healthcheck',
];

/** Duration of a step on a pool: the seconds configured in the pool's environment options, otherwise random ones. */
export function computePoolStepSeconds(world: World, pool: MinionPool, step: keyof typeof STEPS): number {
  const field = platformOfPool(world, pool)?.taskSecondsField;
  const fixed = field === undefined ? undefined : pool.environmentOptions[field];
  if (typeof fixed === 'number') return HALF_TIME_STEPS.includes(step) ? fixed / 2 : fixed;
  const [minimum, maximum] = STEPS[step];
  return world.random.between(minimum, maximum);
}

/** Platform of a pool. */
export function platformOfPool(world: World, pool: MinionPool) {
  return world.platform(world.endpoints.get(pool.endpointId)?.type ?? '');
}
