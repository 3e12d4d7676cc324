import { asError, isCoriolisError, OutcomeError, TimeoutError } from '../api/errors';
import { contextWithDeadline, type Coriolis } from '../api/operation-context';
import { findKnownError } from '../facts/find-known-error';
import type { KnownError } from '../model/known-errors/match-known-error';
import { displayNameOf } from '../model/display-texts';
import { describeSeconds } from '../model/timestamps';
import { quoteText } from '../model/untrusted-text';
import type { Transfer } from '../model/api-objects';
import { fetchOne } from '../requests/object-requests';
import type { WaitState } from './wait-state';
import type { WaitTarget } from './wait-target';
import { waitForTargets, type WaitOptions } from './wait-for-targets';
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
  const [state] = await waitForTargets(coriolis, [target], limits);
  const watched = state as WaitState;
  const result = waitResultView.of(watched);
  if (result.outcome === 'completed') return result;
  const { outcome, status, failure, percent, next } = result;
  const transfer = await findTransfer(coriolis, watched);
  const what = titleOf(watched, transfer);
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
    advice:
      (await knownAdvice(coriolis, watched, transfer)) ?? next ?? 'Diagnose the run to learn the cause.',
  });
}

/** Sentences about a retry, by the judgement of the known error. */
const RETRY: Readonly<Record<KnownError['retry'], string>> = {
  yes: 'A retry without changes may help, after a pause.',
  after_fix: 'Then start it again.',
  no: 'Do not just repeat the run: that cannot help, or can do harm.',
};

/** Likely cause, remedy and advice about a retry of the matching known error; undefined when no known error matches. */
async function knownAdvice(
  coriolis: Coriolis,
  { error }: WaitState,
  transfer: Transfer | undefined,
): Promise<string | undefined> {
  const known = error === null ? undefined : await findKnownError(inTime(coriolis), error, transfer);
  return known && `Likely cause: ${known.cause} ${known.remedy} ${RETRY[known.retry]}`;
}

/** Number of machines that the title of a target lists, and characters of each name. */
const SHOWN_MACHINES = 3;
const MAX_NAME_LENGTH = 80;
/** Longest time, in milliseconds, for reading what an error says besides. */
const DETAILS_MS = 5000;

/** The context of requests for an error. Its details are worth no long wait: the error comes after the wait's own time. */
const inTime = (coriolis: Coriolis): Coriolis => contextWithDeadline(coriolis, coriolis.clock() + DETAILS_MS);

/**
 * Title of a target for people, as events have it: "Transfer execution (replica sync) #3 of Web shop (web-01, web-02,
 * 12ab…)", "Deployment of web-01 (12ab…)". The name of an execution is that of its transfer; without it the machines are the
 * name.
 */
function titleOf(state: WaitState, transfer: Transfer | undefined): string {
  const { kind, id } = state.target;
  const words = kind.replace('_', ' ');
  const noun = `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
  const title = (kind === 'execution' ? state.title : null) ?? noun;
  const all = (state.machines ?? []).join(', ');
  const machines = namesOf(state.machines ?? []);
  const name = state.name ?? (transfer && displayNameOf(transfer)) ?? all;
  if (name === '') return `${title} ${id}`;
  return name === all
    ? `${title} of ${machines} (${id})`
    : machines === ''
      ? `${title} ${quoteText(name, MAX_NAME_LENGTH)} (${id})`
      : `${title} of ${quoteText(name, MAX_NAME_LENGTH)} (${machines}, ${id})`;
}

/** Machines in a title: "web-01, web-02, web-03 and 2 more"; empty without any. */
function namesOf(machines: readonly string[]): string {
  const shown = machines.slice(0, SHOWN_MACHINES).map((name) => quoteText(name, MAX_NAME_LENGTH));
  const more = machines.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/**
 * Transfer of a target, when its name or platforms are missing; undefined when there is none, or when it cannot be read. The
 * error is then shown without them.
 */
async function findTransfer(
  coriolis: Coriolis,
  { name, error, transferId }: WaitState,
): Promise<Transfer | undefined> {
  if (transferId === null || (name !== null && error === null)) return undefined;
  try {
    return await fetchOne(inTime(coriolis), 'transfer', transferId);
  } catch (failure) {
    if (isCoriolisError(failure) && failure.kind !== 'canceled') return undefined;
    throw asError(failure);
  }
}
