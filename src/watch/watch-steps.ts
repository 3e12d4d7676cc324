import type { RequestQuery } from '../api/coriolis-client';
import {
  makeObjectRequest,
  makeRowsRequest,
  type IdsOf,
  type ObjectKind,
  type ObjectTypes,
  type ParentIdsOf,
  type ReadAnswer,
  type ReadRequest,
} from '../requests/object-requests';

/**
 * A poll as a generator that yields requests and receives their answers. The generator itself sends nothing, so a test
 * can answer from memory; `runSteps` sends the requests.
 */
export type WatchSteps<Result> = Generator<readonly ReadRequest[], Result, readonly ReadAnswer[]>;

/** Maximum number of items whose requests are sent at the same time. */
const CONCURRENCY = 5;

/** Rows of an answer. `date` is the server's time of the answer, milliseconds since 1970. */
interface Rows<Row> {
  readonly rows: readonly Row[];
  readonly date: number;
}

/** Requests the rows of a collection. */
export const requestRows = <K extends ObjectKind>(
  kind: K,
  parents: ParentIdsOf<K>,
  query: RequestQuery = {},
): WatchSteps<Rows<ObjectTypes[K]>> => request(makeRowsRequest(kind, parents, query));

/** Requests one object. The answer has one row, or none when the object does not exist. */
export const requestObject = <K extends ObjectKind>(
  kind: K,
  ...ids: IdsOf<K>
): WatchSteps<Rows<ObjectTypes[K]>> => request(makeObjectRequest(kind, ...ids));

function* request<Row>(read: ReadRequest): WatchSteps<Rows<Row>> {
  const [answer] = yield [read];
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

/** Runs independent steps side by side. Their next requests are sent together. */
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
