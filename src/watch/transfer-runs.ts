import { parseServerTime } from '../model/timestamps';
import type { Execution } from '../model/types';
import { requestRows, type WatchSteps } from './watch-steps';

/** Executions of one transfer by number, oldest first. */
export interface ListedRuns {
  readonly executions: readonly Execution[];
  /** Server time of the answer. */
  readonly date: number;
  /** Whether no older executions exist. */
  readonly isAll: boolean;
}

/** Time of the end, or of the last change of an execution that still runs. */
export const endTime = (execution: Execution): number =>
  parseServerTime(execution.updated_at) ?? parseServerTime(execution.created_at) ?? 0;

export const startTime = (execution: Execution): number => parseServerTime(execution.created_at) ?? 0;

/** Whether the execution ever started: a refused one stays UNEXECUTED (docs/reference/coriolis-api.md, trap 32). */
export const hasStarted = ({ status }: Execution): boolean => status !== 'UNEXECUTED';

/** The newest executions of a transfer. Servers before 1.2.2 send all. */
export function* fetchNewestRuns(transferId: string, limit: number): WatchSteps<ListedRuns> {
  const { rows, date } = yield* requestRows('execution', [transferId], {
    sort_key: 'number',
    sort_dir: 'desc',
    limit,
  });
  return { executions: rows.toSorted((a, b) => a.number - b.number), date, isAll: rows.length !== limit };
}

/** The newest executions, as far back as `isEnough` requires: two at first, because each row carries all its tasks. */
export function* fetchRunsUntil(
  transferId: string,
  isEnough: (executions: readonly Execution[]) => boolean,
): WatchSteps<ListedRuns> {
  for (let limit = 2; ; limit *= 4) {
    const runs = yield* fetchNewestRuns(transferId, limit);
    if (runs.isAll || isEnough(runs.executions)) return runs;
  }
}

/** The executions after number `n`: usually one request for one row. */
export function* fetchRunsAfter(transferId: string, n: number): WatchSteps<ListedRuns> {
  let limit = 1;
  for (;;) {
    const runs = yield* fetchNewestRuns(transferId, limit);
    const [oldest] = runs.executions;
    const newest = runs.executions.at(-1);
    if (runs.isAll || oldest === undefined || newest === undefined || oldest.number <= n + 1) return runs;
    limit = newest.number - n;
  }
}
