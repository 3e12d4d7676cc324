import type { Query } from '../api/client';

/**
 * A poll as a generator that yields requests and receives answers. Generators are pure: a driver sends the requests, a
 * test answers them from memory.
 */
export type WatchSteps<Result> = Generator<readonly ListRequest[], Result, readonly ListAnswer[]>;

/** A request for a list, or for one object. */
export interface ListRequest {
  /** Path below the endpoint. */
  readonly path: string;
  /** Key of the answer that holds the rows or the object. */
  readonly key:
    'transfers' | 'deployments' | 'executions' | 'schedules' | 'minion_pools' | 'transfer' | 'minion_pool';
  readonly query: Query;
}

export interface ListAnswer {
  /** Rows of the list; the object, or none when it does not exist. */
  readonly rows: readonly unknown[];
  /** Server time of the answer, milliseconds since 1970; NaN when an object does not exist. */
  readonly date: number;
}

/** Maximum number of lookups sent at the same time. */
const CONCURRENCY = 5;

/** Requests one list. The caller gives the type of its rows. */
export function* requestList<Row>(
  request: ListRequest,
): WatchSteps<{ readonly rows: readonly Row[]; readonly date: number }> {
  const [answer] = yield [request];
  if (answer === undefined) throw new Error('A step was resumed without its answer');
  return { rows: answer.rows as readonly Row[], date: answer.date };
}

/** Runs the same steps for each item, `CONCURRENCY` items at a time. */
export function* runInBatches<Item, Result>(
  items: readonly Item[],
  steps: (item: Item) => WatchSteps<Result>,
): WatchSteps<readonly Result[]> {
  const results: Result[] = [];
  for (let start = 0; start < items.length; start += CONCURRENCY) {
    results.push(...(yield* runInParallel(items.slice(start, start + CONCURRENCY).map(steps))));
  }
  return results;
}

/** Runs independent steps side by side; the requests of one round go out together. */
export function* runInParallel<Result>(
  all: ReadonlyArray<WatchSteps<Result>>,
): WatchSteps<readonly Result[]> {
  const states = all.map((steps) => ({ steps, turn: steps.next([]) }));
  for (;;) {
    const waiting = states.flatMap((state) =>
      state.turn.done === true ? [] : [{ state, requests: state.turn.value }],
    );
    if (waiting.length === 0) break;
    const answers = yield waiting.flatMap(({ requests }) => requests);
    let position = 0;
    for (const { state, requests } of waiting) {
      state.turn = state.steps.next(answers.slice(position, position + requests.length));
      position += requests.length;
    }
  }
  return states.map(({ turn }) => turn.value as Result);
}
