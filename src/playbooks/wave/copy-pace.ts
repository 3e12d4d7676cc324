import { mapConcurrently } from '../../api/map-concurrently';
import type { Coriolis } from '../../api/operation-context';
import { tolerateErrors } from '../../api/tolerate-errors';
import { purposeOf } from '../../model/status';
import { secondsBetween } from '../../model/timestamps';
import type { Instance, Transfer } from '../../model/api-objects';
import { fetchNewestExecutions } from '../../resources/execution';
import { fetchInstanceOf } from '../../resources/instance';

const GIB = 1024 ** 3;
const MEGABITS_A_GIB = (GIB * 8) / 1e6;
/** Maximum number of earlier transfers whose first copies are measured. Each costs two requests. */
const MAX_SAMPLES = 4;
/**
 * Factor by which the slow estimate exceeds the duration at the stated throughput: shared links, snapshots and workers
 * slow copies down.
 */
const SLOW_FACTOR = 1.6;
/** Number of the newest executions among which the first sync is searched. */
const MAX_EXECUTIONS = 20;

/** Estimated duration in seconds, from fast to slow. */
export interface DurationRange {
  readonly low: number;
  readonly high: number;
}

/** Pace of first copies: seconds for each gibibyte. */
export interface CopyPace {
  readonly secondsPerGib: DurationRange;
  /** Source of the figure: stated (by the caller) or history (measured). */
  readonly source: string;
}

/** Total size of the disks of a machine in GiB; null when the size of any of them is unknown. */
export const computeTotalDiskSizeGib = (instance: Instance | undefined): number | null => {
  const disks = instance?.devices?.disks;
  if (disks === undefined || disks.some(({ size_bytes: bytes }) => bytes === undefined)) return null;
  return disks.reduce((sum, { size_bytes: bytes = 0 }) => sum + bytes / GIB, 0);
};

/** Pace of first copies at a throughput that the caller states. */
export const paceOfThroughput = (megabitsPerSecond: number): CopyPace => {
  const low = MEGABITS_A_GIB / megabitsPerSecond;
  return { secondsPerGib: { low, high: low * SLOW_FACTOR }, source: 'stated' };
};

/** Measures the pace of the first copies of earlier transfers with one machine; undefined when there are none. */
export async function fetchCopyPace(
  coriolis: Coriolis,
  transfers: readonly Transfer[],
): Promise<CopyPace | undefined> {
  const sampled = transfers
    .filter(
      ({ instances, last_execution_status: status }) => instances.length === 1 && status === 'COMPLETED',
    )
    .slice(0, MAX_SAMPLES);
  const paces = await mapConcurrently(sampled, MAX_SAMPLES, (transfer) =>
    measureTransfer(coriolis, transfer),
  );
  const known = paces.filter((pace) => pace !== null);
  if (known.length === 0) return undefined;
  const [low, high] = [Math.min(...known), Math.max(...known)];
  return { secondsPerGib: { low, high }, source: 'history' };
}

/** Seconds for each gibibyte of a transfer's first copy; null when it cannot be measured. */
async function measureTransfer(coriolis: Coriolis, transfer: Transfer): Promise<number | null> {
  const executions = await tolerateErrors(
    fetchNewestExecutions(coriolis, transfer.id, MAX_EXECUTIONS),
    ['not_found', 'server'],
    [],
  );
  const first = executions.findLast(
    ({ type, status }) => purposeOf(type) === 'sync' && status === 'COMPLETED',
  );
  // Only execution number 1 copied the whole disks; later syncs copy changes.
  if (first?.number !== 1) return null;
  const instance = await tolerateErrors(
    fetchInstanceOf(coriolis, transfer, transfer.instances[0] ?? ''),
    ['capability', 'not_found', 'timeout', 'server', 'unreachable', 'invalid_input'],
    undefined,
  );
  const [seconds, gib] = [
    secondsBetween(first.created_at, first.updated_at),
    computeTotalDiskSizeGib(instance),
  ];
  return seconds === null || gib === null || seconds < 1 || gib <= 0 ? null : seconds / gib;
}

/** Estimates the duration of a first copy; null without a size or a pace. */
export const estimateCopySeconds = (gib: number | null, pace: CopyPace | undefined): DurationRange | null =>
  gib === null || pace === undefined
    ? null
    : {
        low: Math.ceil(gib * pace.secondsPerGib.low),
        high: Math.ceil(gib * pace.secondsPerGib.high),
      };
