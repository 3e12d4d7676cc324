import type { FinishedRun } from '../../sandbox/sandbox';
import type { Held, Planned } from './people';

/** What a watcher had to tell, and what it might tell, by what really happened. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** Times of the server are cut to seconds, its header as well; a poll takes a while. */
const BLUR = 4 * SECOND;
/** Work that is held up still ends the step that it is in. */
const STEP = MINUTE;

export interface Limits {
  readonly stallMinutes: number;
  readonly rpoHours: number;
  readonly graceMinutes: number;
}

/** A stretch of time, milliseconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface Expectation {
  readonly certain: readonly string[];
  readonly possible: readonly string[];
}

/** A replica, the syncs that completed before the watch began, and its last change until then; milliseconds. */
export interface Replica {
  readonly id: string;
  readonly createdAt: number;
  readonly syncs: readonly Span[];
  readonly changedAt: number | null;
}

/** What was told against what had to be told and what might be. */
export function compare(keys: readonly string[], { certain, possible }: Expectation) {
  return {
    doubled: keys.filter((key, index) => keys.indexOf(key) !== index),
    wrong: keys.filter((key) => !possible.includes(key)),
    lost: certain.filter((key) => !keys.includes(key)),
  };
}
export const nothingWrong = { doubled: [], wrong: [], lost: [] };

const iso = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');

/** @param unseen of whose beginning nothing was told before their records were deleted */
export function beginnings(runs: readonly FinishedRun[], unseen: ReadonlySet<string>): Expectation {
  const begun = runs.filter(({ kind }) => kind === 'execution');
  return {
    possible: begun.map(({ id }) => `${id}@started`),
    certain: begun.filter(({ id }) => !unseen.has(id)).map(({ id }) => `${id}@started`),
  };
}

export function stalls(held: readonly Held[], polls: readonly Span[], limits: Limits): Expectation {
  const stallMs = limits.stallMinutes * MINUTE;
  const key = ({ executionId }: Held) => `${executionId}@stalled`;
  const until = ({ releasedAt }: Held) => releasedAt ?? Infinity;
  return {
    possible: held.filter((one) => until(one) - one.startedAt >= stallMs - BLUR).map(key),
    certain: held
      .filter((one) =>
        polls.some(({ from, to }) => from >= one.heldAt + STEP + stallMs + BLUR && to < until(one)),
      )
      .map(key),
  };
}

/**
 * The moments at which the last copies of replicas became too old or were lost.
 * @param settled later than this a watcher may not be yet
 */
export function breaches(
  replicas: readonly Replica[],
  runs: readonly FinishedRun[],
  baseline: Span,
  settled: number,
  limits: Limits,
  doubtful: ReadonlySet<string>,
): Expectation {
  const rpoMs = limits.rpoHours * HOUR;
  const moments = replicas.flatMap(({ id, createdAt, syncs, changedAt }) => {
    const own = runs.filter(({ transferId }) => transferId === id);
    const completed = own
      .filter(({ type, status }) => type === 'transfer_execution' && status === 'COMPLETED')
      .map((run) => ({ from: run.createdAt * SECOND, to: run.finishedAt * SECOND }));
    const losses = own
      .filter(({ type }) => type === 'transfer_disks_delete')
      .map(({ finishedAt }) => finishedAt * SECOND);
    const copies = [{ from: createdAt, to: -Infinity }, ...syncs, ...completed].toSorted(
      (a, b) => a.to - b.to,
    );
    return copies.flatMap(({ from, to }, index) => {
      const until = copies[index + 1]?.to ?? Infinity;
      const lostAt = losses.find((at) => index > 0 && at >= to && at < until) ?? Infinity;
      const at = Math.min(Math.max(from + rpoMs, to), lostAt);
      // Without a look since it began, a watch takes the last change for the end of a short sync.
      return until > at ? [{ id, at, by: Math.max(at, (changedAt ?? -Infinity) + rpoMs) }] : [];
    });
  });
  const key = ({ id, at }: { readonly id: string; readonly at: number }) => `${id}@overdue@${iso(at)}`;
  return {
    possible: moments.filter(({ at }) => at > baseline.from - MINUTE - BLUR).map(key),
    certain: moments
      .filter(({ id, at, by }) => at > baseline.to && by <= settled && !doubtful.has(id))
      .map(key),
  };
}

/** The planned times at which no sync began. */
export function missedTimes(
  planned: readonly Planned[],
  runs: readonly FinishedRun[],
  baseline: Span,
  settled: number,
  now: number,
  limits: Limits,
  doubtful: ReadonlySet<string>,
): Expectation {
  const graceMs = limits.graceMinutes * MINUTE;
  const possible: string[] = [];
  const certain: string[] = [];
  for (const { id, transferId, minute, since } of planned) {
    const begun = runs
      .filter((run) => run.transferId === transferId && run.type === 'transfer_execution')
      .map(({ createdAt }) => createdAt * SECOND);
    for (let at = Math.floor(since / HOUR) * HOUR + minute * MINUTE; at <= now; at += HOUR) {
      if (at <= since || begun.some((run) => run >= at - 5 * SECOND && run <= at + graceMs)) continue;
      possible.push(`${id}@${iso(at)}`);
      const isNearlyKept = begun.some((run) => run >= at - 6 * SECOND && run < at + graceMs + SECOND);
      const isInTime = at > baseline.to - graceMs + BLUR && at <= settled;
      if (isInTime && !isNearlyKept && !doubtful.has(transferId)) certain.push(`${id}@${iso(at)}`);
    }
  }
  return { possible, certain };
}
