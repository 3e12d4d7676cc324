import type { DiskSize } from './disk-sizes';
import { taskPhaseOf } from './status';
import { parseServerTime } from './timestamps';
import type { ProgressUpdate, Task } from './types';

/** Progress of one disk of a machine. */
export interface DiskProgress {
  readonly id: string;
  readonly bytes: number;
  /** Fraction done, 0 to 1; 0 before the copy has begun. */
  readonly fraction: number;
  /** Start of the disk's copy and its last update, milliseconds since 1970; null before it has begun. */
  readonly startedAt: number | null;
  readonly updatedAt: number | null;
}

/** Measured progress of one task. */
export interface ProgressMeasurement {
  /** 0 to 1. */
  readonly fraction: number;
  /** Period of the measurement, milliseconds since 1970. */
  readonly startedAt: number;
  readonly updatedAt: number;
  /** The disks of a copy; empty for other tasks. */
  readonly disks: readonly DiskProgress[];
}

/** Type of the task that copies the disks of a machine. */
export const COPY_TASK_TYPE = 'REPLICATE_DISKS';

/** Progress updates in order. Old servers send no `index` (docs/reference/coriolis-domain.md §7). */
export const sortUpdates = (updates: readonly ProgressUpdate[]): readonly ProgressUpdate[] =>
  [...updates].sort(
    (a, b) =>
      (a.index ?? 0) - (b.index ?? 0) ||
      (parseServerTime(a.created_at) ?? 0) - (parseServerTime(b.created_at) ?? 0),
  );

const MESSAGE_PERCENT = /progress\b.{0,200}?(\d{1,3}(?:\.\d{1,4})?) ?%/is;

const partOf = ({ current_step: step, total_steps: total }: ProgressUpdate): number =>
  Math.min(Math.max(step, 0), total) / total;

/**
 * Measures the progress of a task. A record with steps is one disk, updated in place; older providers write "progress …
 * NN%" into messages instead, the last of which counts. Null when nothing can be measured, as for a copy of disks whose
 * sizes are unknown or which its records do not name.
 *
 * @param sizes the disks that the task copies; undefined while they are unknown
 */
export function measureProgress(
  task: Task,
  sizes: readonly DiskSize[] | undefined,
): ProgressMeasurement | null {
  const updates = sortUpdates(task.progress_updates);
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
 * Latest update of each disk whose copy has begun, by disk id. Disks are matched by the id in the message; without ids,
 * disks of equal size are matched by the order of the updates. Null when no match is certain.
 */
function updatesByDisk(
  updates: readonly ProgressUpdate[],
  sizes: readonly DiskSize[],
): ReadonlyMap<string, ProgressUpdate> | null {
  const found = new Map<string, ProgressUpdate>();
  for (const update of updates) {
    // An identifier may be part of another one.
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

/** Shortest period for measuring a speed, because the server's times are whole seconds. */
const MIN_MEASURE_MS = 2000;
/** Maximum fraction of a copy between two reports of a provider while data flows. */
const MAX_STEP = 0.25;
/** Milliseconds without a report that never count as a stop, because reports arrive with delay. */
const MIN_SILENCE_MS = 60_000;

/** Speed of a task and its remaining time. */
export interface TaskPace {
  /** Fraction done per millisecond. */
  readonly speed: number;
  readonly leftMs: number;
  /** Whether the last report is so old that the copy seems to have stopped; the time left grows then. */
  readonly isSilent: boolean;
}

/**
 * Measures the speed of a running task; null when too little was measured. Disks are copied one after the other or at
 * the same time, and the server does not say which: the time left is that of all bytes at the common speed, or that of
 * the slowest disk at its own, whichever is longer.
 *
 * @param now milliseconds since 1970, the server's clock
 */
export function measurePace(task: Task, measured: ProgressMeasurement | null, now: number): TaskPace | null {
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
  return { speed, leftMs: Math.max(0, leftMs), isSilent };
}
