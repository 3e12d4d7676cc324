import type { ApiClient } from '../api/api-client';
import { contextForCaller, type Coriolis } from '../api/operation-context';
import { throwIfCanceled } from '../api/retry';
import { SharedCall } from '../api/shared-call';

/** A poll that several waits share. */
interface SharedPoll {
  readonly call: SharedCall<unknown>;
  /** Start of the request, on the caller's clock. */
  begun: number;
  /** Latest end of the poll, on the caller's clock. */
  readonly deadline: number;
  /** `queued` until the request begins, `asking` during the request, then `answered` or `failed`. */
  state: 'queued' | 'asking' | 'answered' | 'failed';
}

/** Newest poll by key, for each client. */
const polls = new WeakMap<ApiClient, Map<string, SharedPoll>>();

/** Maximum age of a shared answer in milliseconds: half of the longest poll interval. */
const MAX_AGE_MS = 15_000;

/**
 * Polls, unless another wait of the same client is polling the same subject, or began an answered poll less than
 * `maximumAgeMs` ago; both waits then use the same answer. So any number of waits for one target cost about as many
 * requests as one wait. The request is aborted only when all its callers have canceled.
 *
 * @param key identifies the polled subject
 * @param maximumAgeMs maximum age of a shared answer; 0 requires an answer whose request begins after this call.
 * Several such calls share the request that follows the one in progress.
 * @throws {CanceledError} `coriolis.signal` fired
 */
export async function pollOrShare<Answer>(
  coriolis: Coriolis,
  key: string,
  maximumAgeMs: number,
  ask: (coriolis: Coriolis) => Promise<Answer>,
): Promise<Answer> {
  const now = coriolis.clock();
  const known = polls.get(coriolis.client.withoutDefaults) ?? new Map<string, SharedPoll>();
  polls.set(coriolis.client.withoutDefaults, known);
  for (const [name, { state, begun }] of known) {
    if (state === 'failed' || (state === 'answered' && now - begun > MAX_AGE_MS)) known.delete(name);
  }
  const before = known.get(key);
  const poll =
    before !== undefined && serves(before, coriolis, now, maximumAgeMs)
      ? before
      : begin(
          coriolis,
          now,
          ask,
          before !== undefined && mustPrecede(before, coriolis, now) ? before : undefined,
        );
  known.set(key, poll);
  return (await poll.call.waitForAnswer(
    coriolis.signal,
    'The wait was canceled; the work continues on the server',
  )) as Answer;
}

/** Whether the answer of a known poll may be used for a new call. */
function serves(poll: SharedPoll, coriolis: Coriolis, now: number, maximumAgeMs: number): boolean {
  const { state, begun } = poll;
  if (state === 'queued') return endsInTime(poll, coriolis);
  if (maximumAgeMs <= 0) return false;
  return state === 'asking' ? endsInTime(poll, coriolis) : state === 'answered' && now - begun < maximumAgeMs;
}

/**
 * Minimum milliseconds between two requests for one subject, so that waits that begin shortly after each other share
 * the second request.
 */
const MIN_INTERVAL_MS = 500;

/** Whether a new request must wait for this poll instead of beginning at once. */
const mustPrecede = (poll: SharedPoll, coriolis: Coriolis, now: number): boolean =>
  poll.state === 'asking'
    ? endsInTime(poll, coriolis)
    : poll.state === 'answered' && now - poll.begun < MIN_INTERVAL_MS;

/**
 * Milliseconds by which a shared poll may exceed the deadline of a caller, so that waits with similar deadlines share
 * polls.
 */
const DEADLINE_TOLERANCE_MS = 3_000;

/** Whether a poll in progress ends in time for the caller. */
const endsInTime = ({ call, deadline }: SharedPoll, coriolis: Coriolis): boolean =>
  !call.isAbandoned && deadline <= (coriolis.deadline ?? Infinity) + DEADLINE_TOLERANCE_MS;

/**
 * Begins a poll.
 * @param after the poll that must end before the new one begins
 */
function begin(
  coriolis: Coriolis,
  now: number,
  ask: (coriolis: Coriolis) => Promise<unknown>,
  after: SharedPoll | undefined,
): SharedPoll {
  const call = new SharedCall(async (signal) => {
    if (after !== undefined) {
      await after.call.answer.catch(() => undefined);
      await coriolis.sleep(Math.max(0, after.begun + MIN_INTERVAL_MS - coriolis.clock()), signal);
      throwIfCanceled(signal);
      poll.state = 'asking';
      poll.begun = coriolis.clock();
    }
    return await ask(
      contextForCaller(coriolis, {
        signal,
        deadline: coriolis.deadline,
        reportProgress: coriolis.reportProgress,
      }),
    );
  });
  const poll: SharedPoll = {
    call,
    begun: now,
    deadline: coriolis.deadline ?? Infinity,
    state: after === undefined ? 'asking' : 'queued',
  };
  call.answer.then(
    () => (poll.state = 'answered'),
    () => (poll.state = 'failed'),
  );
  return poll;
}
