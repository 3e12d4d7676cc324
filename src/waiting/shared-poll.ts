import type { ApiClient } from '../api/api-client';
import { CanceledError } from '../api/errors';
import { withSignal } from '../api/coriolis';
import type { Coriolis } from '../api/coriolis';

/** A poll that several waits share. */
interface SharedPoll {
  readonly answer: Promise<unknown>;
  /** Start of the request, on the caller's clock. */
  readonly begun: number;
  readonly abort: AbortController;
  followers: number;
  state: 'asking' | 'answered' | 'failed';
}

/** Polls by key, for each server. */
const polls = new WeakMap<ApiClient, Map<string, SharedPoll>>();

/** Maximum age of a shared answer: half of the longest poll interval. */
const MAX_AGE_MS = 15_000;

/**
 * Polls, unless another wait of the same client is polling the same subject or was answered less than `maximumAgeMs` ago;
 * then both use that answer. So any number of waits for one thing costs about as many requests as one wait. The request
 * ends early only when all who follow it have given up.
 *
 * @param key names what is asked
 * @param maximumAgeMs maximum age of a shared answer; 0 for a request of its own
 * @throws {CanceledError} `coriolis.signal` fired
 */
export async function sharedPoll<Answer>(
  coriolis: Coriolis,
  key: string,
  maximumAgeMs: number,
  ask: (coriolis: Coriolis) => Promise<Answer>,
): Promise<Answer> {
  const now = coriolis.clock();
  const known = polls.get(coriolis.client.origin) ?? new Map<string, SharedPoll>();
  polls.set(coriolis.client.origin, known);
  for (const [name, { state, begun }] of known) {
    if (state === 'failed' || (state === 'answered' && now - begun > MAX_AGE_MS)) known.delete(name);
  }
  const before = known.get(key);
  const poll = before !== undefined && serves(before, now, maximumAgeMs) ? before : begin(coriolis, now, ask);
  known.set(key, poll);
  return (await follow(poll, coriolis.signal)) as Answer;
}

function serves({ state, abort, begun }: SharedPoll, now: number, maximumAgeMs: number): boolean {
  if (maximumAgeMs <= 0) return false;
  if (state === 'asking') return !abort.signal.aborted;
  return state === 'answered' && now - begun < maximumAgeMs;
}

function begin(coriolis: Coriolis, now: number, ask: (coriolis: Coriolis) => Promise<unknown>): SharedPoll {
  const abort = new AbortController();
  const answer = ask(withSignal(coriolis, abort.signal));
  const poll: SharedPoll = { answer, begun: now, abort, followers: 0, state: 'asking' };
  answer.then(
    () => (poll.state = 'answered'),
    () => (poll.state = 'failed'),
  );
  return poll;
}

function follow(poll: SharedPoll, signal: AbortSignal | undefined): Promise<unknown> {
  if (signal === undefined) {
    poll.followers += 1;
    return poll.answer;
  }
  return new Promise((resolve, reject) => {
    poll.followers += 1;
    const leave = (): void => {
      poll.followers -= 1;
      if (poll.followers === 0) poll.abort.abort();
      reject(new CanceledError('The wait was canceled; what it waited for goes on'));
    };
    if (signal.aborted) {
      leave();
      return;
    }
    signal.addEventListener('abort', leave, { once: true });
    const settle = (pass: () => void): void => {
      signal.removeEventListener('abort', leave);
      pass();
    };
    poll.answer.then(
      (answer) => settle(() => resolve(answer)),
      (error: unknown) => settle(() => reject(error instanceof Error ? error : new Error(String(error)))),
    );
  });
}
