import { path } from '../api/path';
import { isFinal } from '../model/status';
import { parseTime } from '../model/timing';
import type { Execution } from '../model/types';
import type { KnownTransfer } from './cursor';
import { ask } from './steps';
import type { Steps } from './steps';

/** Most lookups that go out at the same time. */
export const CONCURRENCY = 5;

/** Executions by number, oldest first, and the server's time of the answer. */
export interface Runs {
  readonly executions: readonly Execution[];
  readonly date: number;
}

/** When an execution ended, or changed last; milliseconds on the server's clock. */
export const endOf = (execution: Execution): number =>
  parseTime(execution.updated_at) ?? parseTime(execution.created_at) ?? 0;

export const beginOf = (execution: Execution): number => parseTime(execution.created_at) ?? 0;

/** Whether it ever began: an execution that the server refused keeps its first status for ever (coriolis-api.md, trap 32). */
export const hasBegun = ({ status }: Execution): boolean => status !== 'UNEXECUTED';

/** The newest executions of a transfer, by number. Servers before 1.2.2 send all. */
function* newest(transferId: string, limit: number): Steps<Runs & { readonly isAll: boolean }> {
  const { rows, date } = yield* ask<Execution>({
    path: path`/transfers/${transferId}/executions`,
    key: 'executions',
    query: { sort_key: 'number', sort_dir: 'desc', limit },
  });
  return {
    executions: rows.toSorted((a, b) => a.number - b.number),
    date,
    isAll: rows.length !== limit,
  };
}

/** The newest executions back to where `isEnough` says so: two at first, each row carries all tasks of its run. */
export function* runsUntil(
  transferId: string,
  isEnough: (executions: readonly Execution[]) => boolean,
): Steps<Runs & { readonly isAll: boolean }> {
  for (let limit = 2; ; limit *= 4) {
    const runs = yield* newest(transferId, limit);
    if (runs.isAll || isEnough(runs.executions)) return runs;
  }
}

/** The executions behind those that are dealt with: usually one request for one row. */
export function* runsBehind(transferId: string, { n, t }: Pick<KnownTransfer, 'n' | 't'>): Steps<Runs> {
  if (n === undefined) {
    return yield* runsUntil(transferId, ([oldest]) => {
      return oldest !== undefined && isFinal(oldest.status) && endOf(oldest) <= (t ?? 0);
    });
  }
  let limit = 1;
  for (;;) {
    const runs = yield* newest(transferId, limit);
    const [oldest] = runs.executions;
    const last = runs.executions.at(-1);
    if (runs.isAll || oldest === undefined || last === undefined || oldest.number <= n + 1) return runs;
    limit = last.number - n;
  }
}
