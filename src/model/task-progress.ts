import type { DiskSize } from './disk-sizes';
import { taskPhaseOf } from './status';
import { parseServerTime } from './timestamps';
import type { ProgressUpdate, Task } from './api-objects';

/** Progress of the copy of one disk. */
export interface DiskProgress {
  readonly id: string;
  readonly bytes: number;
  /** Copied fraction, 0 to 1; 0 before the copy of the disk has begun. */
  readonly fraction: number;
  /**
   * Start of the disk's copy, in milliseconds since 1970; null before the copy has begun. `updatedAt` is the time of
   * its last progress update.
   */
  readonly startedAt: number | null;
  readonly updatedAt: number | null;
}

/** Measured progress of one task. */
export interface ProgressMeasurement {
  /** Completed fraction, 0 to 1. */
  readonly fraction: number;
  /** Times of the first and the last progress update that were measured, in milliseconds since 1970. */
  readonly startedAt: number;
  readonly updatedAt: number;
  /** Disks of a copying task; empty for other tasks. */
  readonly disks: readonly DiskProgress[];
}

/** Type of the task that copies the disks of a machine. */
export const COPY_TASK_TYPE = 'REPLICATE_DISKS';

/**
 * Sorts progress updates, oldest first. Old servers send no `index`, so the creation time decides there
 * (docs/reference/coriolis-domain.md §7).
 */
export const sortProgressUpdates = (updates: readonly ProgressUpdate[]): readonly ProgressUpdate[] =>
  [...updates].sort(
    (a, b) =>
      (a.index ?? 0) - (b.index ?? 0) ||
      (parseServerTime(a.created_at) ?? 0) - (parseServerTime(b.created_at) ?? 0),
  );

const MESSAGE_PERCENT = /progress\b.{0,200}?(\d{1,3}(?:\.\d{1,4})?) ?%/is;

const partOf = ({ current_step: step, total_steps: total }: ProgressUpdate): number =>
  Math.min(Math.max(step, 0), total) / total;

/**
 * Measures the progress of a task. A progress update with steps stands for one disk, and the server updates it in
 * place. Older providers instead write "progress … NN%" into messages; then the last message counts. Null when nothing
 * can be measured, as for a copy of disks whose sizes are unknown or that the updates do not name.
 * @param sizes the disks that the task copies; undefined while they are unknown
 */
export function measureProgress(
  task: Task,
  sizes: readonly DiskSize[] | undefined,
): ProgressMeasurement | null {
  const updates = sortProgressUpdates(task.progress_updates);
  const steps = updates.filter((update) => update.total_steps > 0);
  if (steps.length === 0) return measureMessages(updates);
  if (task.task_type === COPY_TASK_TYPE) return measureDisks(steps, sizes);
  return {
    fraction: steps.reduce((sum, update) => sum + partOf(update), 0) / steps.length,
    ...periodOf(steps),
    disks: [],
  };
}

function measureMessages(updates: readonly ProgressUpdate[]): ProgressMeasurement | null {
  const told = updates.flatMap((update) => {
    const percent = MESSAGE_PERCENT.exec(update.message)?.[1];
    return percent === undefined ? [] : [{ update, percent: Math.min(Number(percent), 100) }];
  });
  const last = told.at(-1);
  if (last === undefined) return null;
  return { fraction: last.percent / 100, ...periodOf(told.map(({ update }) => update)), disks: [] };
}

function measureDisks(
  updates: readonly ProgressUpdate[],
  sizes: readonly DiskSize[] | undefined,
): ProgressMeasurement | null {
  if (sizes === undefined || sizes.length === 0) return null;
  const updateOf = updatesByDisk(updates, sizes);
  if (updateOf === null) return null;
  const disks = sizes.map(({ id, bytes }): DiskProgress => {
    const update = updateOf.get(id);
    if (update === undefined) return { id, bytes, fraction: 0, startedAt: null, updatedAt: null };
    return { id, bytes, fraction: partOf(update), ...periodOf([update]) };
  });
  return { fraction: bytesDone(disks) / bytesOf(disks), ...periodOf(updates), disks };
}

/**
 * Latest progress update of each disk whose copy has begun, by disk id. A disk is matched by its id in the message.
 * Without ids, disks that all have the same size are matched to the updates in order. Null when no match is certain.
 */
function updatesByDisk(
  updates: readonly ProgressUpdate[],
  sizes: readonly DiskSize[],
): ReadonlyMap<string, ProgressUpdate> | null {
  const found = new Map<string, ProgressUpdate>();
  for (const update of updates) {
    // The id of one disk may be part of another's, so the longest match counts.
    const [named] = sizes
      .filter(({ id }) => update.message.includes(id))
      .sort((one, other) => other.id.length - one.id.length);
    if (named !== undefined) found.set(named.id, update);
  }
  if (found.size > 0) return found;
  const isEqual = sizes.every(({ bytes }) => bytes === sizes[0]?.bytes);
  if (!isEqual || updates.length > sizes.length) return null;
  return new Map(updates.map((update, index) => [sizes[index]?.id ?? '', update]));
}

const bytesOf = (disks: readonly DiskProgress[]): number => disks.reduce((sum, { bytes }) => sum + bytes, 0);
const bytesDone = (disks: readonly DiskProgress[]): number =>
  disks.reduce((sum, { bytes, fraction }) => sum + bytes * fraction, 0);

function periodOf(updates: readonly ProgressUpdate[]): { startedAt: number; updatedAt: number } {
  const started = updates.map((update) => parseServerTime(update.created_at) ?? Infinity);
  const updated = updates.map(
    (update) => parseServerTime(update.updated_at ?? update.created_at) ?? -Infinity,
  );
  return { startedAt: Math.min(...started), updatedAt: Math.max(...updated) };
}

/** Minimum milliseconds for measuring a speed, because the server's times are whole seconds. */
const MIN_MEASURE_MS = 2000;
/** Maximum fraction of a copy that passes between two progress updates of a provider while data flows. */
const MAX_STEP = 0.25;
/** Milliseconds without a progress update that never count as silence, because updates arrive with delay. */
const MIN_SILENCE_MS = 60_000;

/** Speed of a task and its remaining time. */
export interface TaskPace {
  /** Completed fraction per millisecond. */
  readonly fractionPerMs: number;
  readonly leftMs: number;
  /** Whether the last progress update is so old that the copy seems to have stopped. The remaining time then grows. */
  readonly isSilent: boolean;
}

/**
 * Measures the speed of a running task; null when too little was measured. The server does not say whether disks are
 * copied one after the other or at the same time. So the remaining time is the longer of two: that of all bytes at the
 * common speed, and that of the slowest disk at its own speed.
 * @param now milliseconds since 1970, the server's clock
 */
export function measureTaskPace(
  task: Task,
  measured: ProgressMeasurement | null,
  now: number,
): TaskPace | null {
  if (measured === null || taskPhaseOf(task.status) !== 'active') return null;
  const all = paceIn(measured, now);
  if (all === null) return null;
  const own = measured.disks.flatMap(({ fraction, startedAt, updatedAt }) =>
    startedAt === null || updatedAt === null || fraction >= 1
      ? []
      : (paceIn({ fraction, startedAt, updatedAt }, now) ?? []),
  );
  return { ...all, leftMs: Math.max(all.leftMs, ...own.map(({ leftMs }) => leftMs)) };
}

function paceIn(
  { fraction, startedAt, updatedAt }: Pick<ProgressMeasurement, 'fraction' | 'startedAt' | 'updatedAt'>,
  now: number,
): TaskPace | null {
  if (fraction <= 0 || !Number.isFinite(startedAt) || !Number.isFinite(updatedAt)) return null;
  const reported = updatedAt - startedAt;
  const silence = Math.max(0, now - updatedAt);
  if (reported + silence < MIN_MEASURE_MS) return null;
  const step = (reported / fraction) * MAX_STEP;
  const isSilent = reported < MIN_MEASURE_MS || silence > Math.max(MIN_SILENCE_MS, step);
  const speed = fraction / (isSilent ? reported + silence : reported);
  const leftMs = (1 - fraction) / speed - (isSilent ? 0 : silence);
  return { fractionPerMs: speed, leftMs: Math.max(0, leftMs), isSilent };
}
