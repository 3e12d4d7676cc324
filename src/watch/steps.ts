import type { Query } from '../api/client';

/**
 * A poll is written as steps that ask for lists and get answers. They are pure: the driver sends the requests, a test
 * answers them from memory, and the decision what to ask and what to tell is the same code in both.
 */

/** A request for a list below the endpoint, or for one object: no row when it does not exist. */
export interface ListRequest {
  readonly path: string;
  /** The key of the answer that holds the rows, or the object. */
  readonly key:
    'transfers' | 'deployments' | 'executions' | 'schedules' | 'minion_pools' | 'transfer' | 'minion_pool';
  readonly query: Query;
}

export interface ListAnswer {
  readonly rows: readonly unknown[];
  /** The server's time of the answer, milliseconds since 1970; NaN when an object does not exist. */
  readonly date: number;
}

/** Yields requests that may be sent at the same time, receives their answers in the same order. */
export type Steps<Result> = Generator<readonly ListRequest[], Result, readonly ListAnswer[]>;

/** Asks for one list whose rows are known to be of type `Row`. */
export function* ask<Row>(
  request: ListRequest,
): Steps<{ readonly rows: readonly Row[]; readonly date: number }> {
  const [answer] = yield [request];
  if (answer === undefined) throw new Error('A step was resumed without its answer');
  return { rows: answer.rows as readonly Row[], date: answer.date };
}

/** Runs the same steps for many, some at a time: what these ask for goes out at the same time. */
export function* inTurn<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  steps: (item: Item) => Steps<Result>,
): Steps<readonly Result[]> {
  const results: Result[] = [];
  for (let start = 0; start < items.length; start += atOnce) {
    results.push(...(yield* together(items.slice(start, start + atOnce).map(steps))));
  }
  return results;
}

/** Runs independent steps side by side: what they ask for in one round is asked at the same time. */
export function* together<Result>(all: ReadonlyArray<Steps<Result>>): Steps<readonly Result[]> {
  const states = all.map((steps) => ({ steps, turn: steps.next([]) }));
  for (;;) {
    const waiting = states.flatMap((state) =>
      state.turn.done === true ? [] : [{ state, asked: state.turn.value }],
    );
    if (waiting.length === 0) break;
    const answers = yield waiting.flatMap(({ asked }) => asked);
    let position = 0;
    for (const { state, asked } of waiting) {
      state.turn = state.steps.next(answers.slice(position, position + asked.length));
      position += asked.length;
    }
  }
  return states.map(({ turn }) => turn.value as Result);
}
