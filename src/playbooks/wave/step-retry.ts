import type { Coriolis } from '../../api/operation-context';
import { findKnownErrorOfRun } from '../../facts/find-known-error';
import type { Deployment, Execution } from '../../model/api-objects';
import { statusOf } from '../../model/status';
import { parseServerTime } from '../../model/timestamps';
import type { StepRetry } from './admission-types';
import type { WaveMachine } from './machine-state';

/** Conditions under which a call retries failed steps. */
export interface RetryRules {
  /** Number of retries of a step with a temporary error. */
  readonly retries: number;
  /**
   * A step that failed or was canceled before this time (milliseconds since 1970, server's clock) is retried once,
   * whatever its error. Undefined for no such retries.
   */
  readonly failedBefore: number | undefined;
}

/**
 * Finds the step that a call retries after a failure or cancellation; undefined when a user must decide. May read the
 * list of endpoints, since only some platforms have some temporary errors.
 */
export async function findStepToRetry(
  coriolis: Coriolis,
  { position: { step }, transfer }: Pick<WaveMachine, 'position' | 'transfer'>,
  { retries, failedBefore }: RetryRules,
): Promise<StepRetry | undefined> {
  if (step.do !== 'failed' && step.do !== 'canceled') return undefined;
  // Temporary errors are checked first, because every call retries them, also one without `retry_failed`.
  if (
    step.do === 'failed' &&
    step.attempts <= retries &&
    transfer !== undefined &&
    (await isTemporaryFailure(coriolis, step.run, transfer))
  )
    return { step: step.at, failedAt: undefined };
  const ended = parseServerTime(step.run.updated_at) ?? Infinity;
  return failedBefore !== undefined && ended < failedBefore ? { step: step.at, failedAt: ended } : undefined;
}

/** Whether the error of a failed run is known to be temporary. */
const isTemporaryFailure = async (
  coriolis: Coriolis,
  run: Execution | Deployment,
  transfer: Parameters<typeof findKnownErrorOfRun>[2],
): Promise<boolean> =>
  statusOf(run) === 'ERROR_ALLOCATING_MINIONS' ||
  (await findKnownErrorOfRun(coriolis, run, transfer))?.retry === 'yes';
