import type { ApiClient } from '../api/api-client';
import { CanceledError } from '../api/errors';
import { withSignal } from '../api/coriolis';
import type { Coriolis } from '../api/coriolis';

/** A poll that several waits share. */
interface SharedLook {
  readonly answer: Promise<unknown>;
  /** Start of the request, on the caller's clock. */
  readonly begun: number;
  readonly abort: AbortController;
  followers: number;
  state: 'asking' | 'answered' | 'failed';
}

/** Looks by what they look at, for each server that is waited at. */
const looks = new WeakMap<ApiClient, Map<string, SharedLook>>();

/** Maximum age of a shared answer: half of the longest poll interval. */
const LONGEST_KEPT_MS = 15_000;

/**
 * Polls, unless another wait of the same client is polling the same subject or was answered less than `freshMs` ago;
 * then both use that answer. So any number of waits for one thing costs about as many requests as one wait. The request
 * ends early only when all who follow it have given up.
 *
 * @param key names what is asked
 * @param freshMs 0 for an answer to a question of one's own
 * @throws {CanceledError} `coriolis.signal` fired
 */
export async function sharedLook<Answer>(
  coriolis: Coriolis,
  key: string,
  freshMs: number,
  ask: (coriolis: Coriolis) => Promise<Answer>,
): Promise<Answer> {
  const now = coriolis.clock();
  const known = looks.get(coriolis.client.origin) ?? new Map<string, SharedLook>();
  looks.set(coriolis.client.origin, known);
  for (const [name, { state, begun }] of known) {
    if (state === 'failed' || (state === 'answered' && now - begun > LONGEST_KEPT_MS)) known.delete(name);
  }
  const before = known.get(key);
  const look = before !== undefined && serves(before, now, freshMs) ? before : begin(coriolis, now, ask);
  known.set(key, look);
  return (await follow(look, coriolis.signal)) as Answer;
}

function serves({ state, abort, begun }: SharedLook, now: number, freshMs: number): boolean {
  if (freshMs <= 0) return false;
  if (state === 'asking') return !abort.signal.aborted;
  return state === 'answered' && now - begun < freshMs;
}

function begin(coriolis: Coriolis, now: number, ask: (coriolis: Coriolis) => Promise<unknown>): SharedLook {
  const abort = new AbortController();
  const answer = ask(withSignal(coriolis, abort.signal));
  const look: SharedLook = { answer, begun: now, abort, followers: 0, state: 'asking' };
  answer.then(
    () => (look.state = 'answered'),
    () => (look.state = 'failed'),
  );
  return look;
}

function follow(look: SharedLook, signal: AbortSignal | undefined): Promise<unknown> {
  if (signal === undefined) {
    look.followers += 1;
    return look.answer;
  }
  return new Promise((resolve, reject) => {
    look.followers += 1;
    const leave = (): void => {
      look.followers -= 1;
      if (look.followers === 0) look.abort.abort();
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
    look.answer.then(
      (answer) => settle(() => resolve(answer)),
      (error: unknown) => settle(() => reject(error instanceof Error ? error : new Error(String(error)))),
    );
  });
}
