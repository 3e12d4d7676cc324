import { OutcomeError, TimeoutError } from '../api/errors';
import type { Coriolis } from '../api/coriolis';
import { readErrorText } from '../model/error-text';
import { matchKnownError, type KnownError } from '../model/known-errors';
import { describeSeconds } from '../model/timestamps';
import { quoteText } from '../model/untrusted-text';
import type { WaitTarget } from './wait-target';
import { waitForTargets, type WaitOptions } from './wait';
import { waitResultView, type WaitResult } from './wait-result';

/**
 * Waits until work that was just started has completed.
 *
 * @returns the final state of completed work
 * @throws {TimeoutError} the work is still running: the error names it, its last state and how to continue waiting
 * @throws {OutcomeError} the work failed, was canceled or was deleted
 */
export async function waitForCompletion(
  coriolis: Coriolis,
  target: WaitTarget,
  limits: Pick<WaitOptions, 'timeoutSeconds' | 'stallSeconds'>,
): Promise<WaitResult> {
  const [watched] = await waitForTargets(coriolis, [target], limits);
  const result = watched && waitResultView.of(watched);
  if (result === undefined || result.outcome === 'completed') return result as WaitResult;
  const { outcome, status, failure, percent, next } = result;
  const what = nameOf(result);
  if (outcome === 'timed_out' || outcome === 'stalled') {
    const since =
      outcome === 'stalled'
        ? `without any change for ${describeSeconds(limits.stallSeconds)}`
        : `after a wait of ${describeSeconds(limits.timeoutSeconds)}`;
    const progress = percent === null ? '' : ` (${percent} %)`;
    throw new TimeoutError(`${what} is still ${status}${progress} ${since}`, {
      advice: [
        'The work continues on the server.',
        'Wait for it again by its id, or use a trigger that reports its end; do not start it again.',
        ...(outcome === 'stalled' && next !== null ? [next] : []),
      ].join(' '),
    });
  }
  const where = failure?.instance === undefined || failure.instance === null ? '' : ` of ${failure.instance}`;
  const task =
    failure?.task_type === undefined || failure.task_type === null ? '' : ` in ${failure.task_type}${where}`;
  const words = failure === null ? '' : `: ${failure.message}`;
  throw new OutcomeError(`${what} ended as ${outcome ?? 'unknown'} (${status})${task}${words}`, {
    advice: knownAdvice(result) ?? next ?? 'Diagnose it to learn the cause.',
  });
}

/** Sentences about a retry, by the judgement of the known error. */
const RETRY: Readonly<Record<KnownError['retry'], string>> = {
  yes: 'A retry without changes may help, after a pause.',
  after_fix: 'Then start it again.',
  no: 'Do not just repeat it: that cannot help, or can do harm.',
};

/** Likely cause, remedy and advice about a retry of the matching known error; undefined when no known error matches. */
function knownAdvice({ outcome, failure }: WaitResult): string | undefined {
  const text = outcome === 'failed' ? readErrorText(failure?.message) : null;
  const taskType = failure?.task_type;
  const known =
    text === null ? undefined : matchKnownError(text, typeof taskType === 'string' ? { taskType } : {});
  return known && `Likely cause: ${known.cause} ${known.remedy} ${RETRY[known.retry]}`;
}

/** Number of machines that the name of a target lists, and characters of each. */
const SHOWN_MACHINES = 3;
const MAX_NAME_LENGTH = 80;

/** Name of a target for people: "Deployment of web-01, web-02 (12ab…)", or "Minion pool 12ab…" without machines. */
function nameOf({ kind, id, instances }: WaitResult): string {
  const words = kind.replace('_', ' ');
  const title = `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
  if (instances === null) return `${title} ${id}`;
  const shown = instances.slice(0, SHOWN_MACHINES).map((name) => quoteText(name, MAX_NAME_LENGTH));
  const more = instances.length - shown.length;
  return `${title} of ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''} (${id})`;
}
