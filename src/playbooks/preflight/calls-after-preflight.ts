import type { NextCall } from '../../vocabulary/next-call';
import {
  RUNNING_WORK_CHECK,
  COPIED_DISKS_CHECK,
  LATEST_DEPLOYMENT_CHECK,
  LATEST_EXECUTION_CHECK,
} from './check-runs';
import type { PreflightResult } from './preflight';

/**
 * Suggested calls after a preflight: a diagnosis when a run has failed or blocks the next one; a sync when only copied
 * disks are missing; and the run itself when nothing blocks it.
 */
export function callsAfterPreflight({
  id: transferId,
  purpose,
  checks,
}: Pick<PreflightResult, 'id' | 'purpose' | 'checks'>): readonly NextCall[] {
  const subjectsOf = (status: string): readonly string[] =>
    checks.filter((check) => check.status === status).map(({ check }) => check);
  const blocking = subjectsOf('blocking');
  const hasFailed = subjectsOf('warning').some((subject) => FAILURES.includes(subject));
  const diagnosis =
    hasFailed || blocking.includes(RUNNING_WORK_CHECK)
      ? [{ operation: 'estate.diagnose', input: { transferId } }]
      : [];
  const lacksCopy = blocking.length > 0 && blocking.every((subject) => subject === COPIED_DISKS_CHECK);
  if (blocking.length > 0 && !lacksCopy) return diagnosis;
  const isSync = purpose === 'execution' || lacksCopy;
  return [
    ...diagnosis,
    { operation: isSync ? 'execution.start' : 'deployment.create', input: { transferId } },
  ];
}

/** Subjects of the warnings about failed runs. */
const FAILURES: readonly string[] = [LATEST_EXECUTION_CHECK, LATEST_DEPLOYMENT_CHECK];
