import { parseServerTime } from '../model/timestamps';
import type { Execution } from '../model/api-objects';
import { requestRows, type WatchSteps } from './watch-steps';

/** Executions of one transfer in the order of their numbers, oldest first. */
export interface ListedExecutions {
  readonly executions: readonly Execution[];
  /** Server time of the answer. */
  readonly date: number;
  /** Whether these are all executions of the transfer. */
  readonly isWholeList: boolean;
}

/** End of an execution, or its last change while it is running, in milliseconds since 1970. */
export const endTimeOf = (execution: Execution): number =>
  parseServerTime(execution.updated_at) ?? parseServerTime(execution.created_at) ?? 0;

/** Start of an execution, in milliseconds since 1970. */
export const startTimeOf = (execution: Execution): number => parseServerTime(execution.created_at) ?? 0;

/**
 * Whether an execution has started. One that the server refused stays UNEXECUTED (docs/reference/coriolis-api.md §17,
 * trap 32).
 */
export const hasStarted = ({ status }: Execution): boolean => status !== 'UNEXECUTED';

/** Reads the newest executions of a transfer. Servers before 1.2.2 send all. */
export function* requestNewestExecutions(transferId: string, limit: number): WatchSteps<ListedExecutions> {
  const { rows, date } = yield* requestRows('execution', [transferId], {
    sort_key: 'number',
    sort_dir: 'desc',
    limit,
  });
  return {
    executions: rows.toSorted((a, b) => a.number - b.number),
    date,
    isWholeList: rows.length !== limit,
  };
}

/**
 * Reads the newest executions of a transfer, further back until `isEnough` returns true. The first request asks for
 * two, because each row carries all its tasks.
 */
export function* requestExecutionsUntil(
  transferId: string,
  isEnough: (executions: readonly Execution[]) => boolean,
): WatchSteps<ListedExecutions> {
  for (let limit = 2; ; limit *= 4) {
    const runs = yield* requestNewestExecutions(transferId, limit);
    if (runs.isWholeList || isEnough(runs.executions)) return runs;
  }
}

/** Reads the executions with numbers above `n`, and perhaps older ones. Usually one request for one row is enough. */
export function* requestExecutionsAfter(transferId: string, n: number): WatchSteps<ListedExecutions> {
  let limit = 1;
  for (;;) {
    const runs = yield* requestNewestExecutions(transferId, limit);
    const [oldest] = runs.executions;
    const newest = runs.executions.at(-1);
    if (runs.isWholeList || oldest === undefined || newest === undefined || oldest.number <= n + 1)
      return runs;
    limit = newest.number - n;
  }
}
