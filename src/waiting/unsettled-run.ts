import { FINAL_STATUS_AGE_MS, isFinal, statusOf } from '../model/status';
import { parseServerTime } from '../model/timestamps';
import type { Deployment, Execution } from '../model/types';

/**
 * Maximum milliseconds by which the end of a run may lie after `now`, because runs are read one after the other; a
 * larger difference means a wrong clock.
 */
const READ_WITHIN_MS = 60_000;

/** Whether a run has not started, or its final status may still be replaced (docs/reference/watching.md §1). */
export function isUnsettled(run: Execution | Deployment, now: number): boolean {
  const status = statusOf(run);
  if (status === 'UNEXECUTED') return true;
  const changed = parseServerTime(run.updated_at);
  if (!isFinal(status) || changed === null) return false;
  const age = now - changed;
  return age < FINAL_STATUS_AGE_MS && age > -READ_WITHIN_MS;
}
