import { MIN_FINAL_STATUS_AGE_MS, isFinal, statusOf } from '../model/status';
import { parseServerTime } from '../model/timestamps';
import type { Deployment, Execution } from '../model/api-objects';

/**
 * Maximum milliseconds by which the end of a run may lie after `now`. Runs are read one after the other, so a run may
 * end after `now` was taken. A larger difference means a wrong clock, and the run then counts as settled.
 */
const READ_WITHIN_MS = 60_000;

/**
 * Whether a run has not started, or its final status is so young that the server may still replace it
 * (docs/reference/watching.md §1).
 *
 * @param now milliseconds since 1970 on the server's clock
 */
export function isUnsettledRun(run: Execution | Deployment, now: number): boolean {
  const status = statusOf(run);
  if (status === 'UNEXECUTED') return true;
  const changed = parseServerTime(run.updated_at);
  if (!isFinal(status) || changed === null) return false;
  const age = now - changed;
  return age < MIN_FINAL_STATUS_AGE_MS && age > -READ_WITHIN_MS;
}
