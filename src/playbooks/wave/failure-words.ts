import type { CoriolisError } from '../../api/errors';
import type { Coriolis } from '../../api/operation-context';
import { findKnownError, findKnownErrorOfRun, type EndpointIds } from '../../facts/find-known-error';
import { readErrorText } from '../../model/error-text';
import { failedTaskOf } from '../../model/failed-task';
import type { KnownError } from '../../model/known-errors/match-known-error';
import { statusOf } from '../../model/status';
import type { Deployment, Execution } from '../../model/api-objects';
import { quoteText } from '../../model/untrusted-text';
import type { WaveMachine } from './machine-state';

/** Maximum number of characters of the server's words. */
const MAX_WORDS = 300;

/** Failed task and error message of a run, or its status when no task failed: the server's words. */
export function describeRunFailure(run: Execution | Deployment): string {
  const failure = failedTaskOf(run.tasks ?? []);
  return failure === null ? `it ended as ${statusOf(run)}` : `${failure.task_type}: ${failure.message}`;
}

/**
 * Explains the failed runs of machines: what they mean and what to do, then the server's words; these alone when no known
 * error matches. The keys are those of the machines; machines without a failed run are left out.
 */
export async function explainFailures(
  coriolis: Coriolis,
  machines: readonly WaveMachine[],
): Promise<ReadonlyMap<string, string>> {
  const failures = new Map<string, string>();
  for (const { key, transfer, position } of machines) {
    const { step } = position;
    if (step.do !== 'failed' && step.do !== 'canceled') continue;
    const known = transfer && (await findKnownErrorOfRun(coriolis, step.run, transfer));
    failures.set(key, withMeaning(known, describeRunFailure(step.run)));
  }
  return failures;
}

/** Explains an error of the server at endpoints: what it means and what to do, then its words. */
export async function explainRefusal(
  coriolis: Coriolis,
  { message }: CoriolisError,
  endpoints: EndpointIds,
): Promise<string> {
  const text = readErrorText(message);
  return withMeaning(
    text === null ? undefined : await findKnownError(coriolis, { text }, endpoints),
    quoteText(text?.textToShow ?? message, MAX_WORDS),
  );
}

/** The meaning comes first, because boards cut long texts off. */
const withMeaning = (known: KnownError | undefined, words: string): string =>
  known === undefined ? words : `${known.title}: ${known.remedy} (${words})`;
