import { path } from '../api/path';
import { parseTime } from '../model/timing';
import type { Transfer } from '../model/types';
import type { Walk } from './cursor';
import { CONCURRENCY } from './runs';
import { ask, inTurn, together } from './steps';
import type { Steps } from './steps';

/**
 * A walk over all transfers, a part of it with each poll: for what no list tells, such as their schedules. Each walk looks
 * at what happened in one period, the same for all transfers and adjoining that of the walk before. So nothing has to be
 * remembered of a transfer for each moment to be looked at exactly once, however long the walk takes and wherever it is
 * interrupted.
 */

/** Transfers listed in a poll. */
const PAGE = 200;
/** Transfers looked at more closely in a poll; what one of them needs is at most a few requests. */
const LOOKS = 20;
/** So few chosen transfers are read one by one, and a walk takes one poll. */
const FEW = 10;

export interface WalkOptions<Result> {
  /** How long ago something must have happened to be looked at, milliseconds. */
  readonly settleMs: number;
  /** Only these transfers, when given and few. */
  readonly only?: readonly string[];
  readonly wants: (row: Transfer) => boolean;
  /** Whether a look at this one needs a request. */
  readonly needsLook: (row: Transfer, walk: Walk) => boolean;
  readonly look: (row: Transfer, walk: Walk) => Steps<Result>;
}

export interface Stage<Result> {
  readonly walk: Walk;
  readonly results: readonly Result[];
  /** Whether this was the end of the walk: the next begins with the next poll. */
  readonly isOver: boolean;
}

/** Goes on with a walk, or begins one; without any the present is where the first period begins, and nothing is looked at. */
export function* goOn<Result>(before: Walk | undefined, options: WalkOptions<Result>): Steps<Stage<Result>> {
  const { rows, date, isLast } = yield* nextRows(before?.after, options.only);
  const settled = date - options.settleMs;
  if (before === undefined) return { walk: { from: settled, until: settled }, results: [], isOver: true };

  const walk =
    before.after === undefined
      ? // A clock that was set back makes an empty period, never one that was looked at already.
        { from: before.until, until: Math.max(before.until, settled) }
      : before;
  const wanted = rows.filter((row) => row.deleted_at === null && options.wants(row));
  const { now, isCut } = firstLooks(wanted, (row) => options.needsLook(row, walk));
  const results = yield* inTurn(now, CONCURRENCY, (row) => options.look(row, walk));
  const last = isCut ? now.at(-1) : rows.at(-1);
  const isOver = !isCut && isLast;
  return {
    walk: {
      from: walk.from,
      until: walk.until,
      ...(isOver || last === undefined ? {} : { after: positionOf(last) }),
    },
    results,
    isOver: isOver || last === undefined,
  };
}

interface Rows {
  readonly rows: readonly Transfer[];
  readonly date: number;
  readonly isLast: boolean;
}

type Position = NonNullable<Walk['after']>;

/** The next transfers, newest first: in the order of their creation, which never changes. */
function* nextRows(after: Position | undefined, only: readonly string[] | undefined): Steps<Rows> {
  const isChoice = only !== undefined && only.length > 0 && only.length <= FEW;
  const { rows, date, isLast } = isChoice ? yield* chosen(only, after) : yield* page(after);
  const inOrder = rows.toSorted((a, b) => newestFirst(positionOf(a), positionOf(b)));
  // Servers before 1.2.2 send everything, in no order.
  return {
    rows: inOrder.filter((row) => after === undefined || newestFirst(positionOf(row), after) > 0),
    date,
    isLast,
  };
}

function* page(after: Position | undefined): Steps<Rows> {
  const { rows, date } = yield* ask<Transfer>({
    path: '/transfers',
    key: 'transfers',
    query: {
      sort_key: 'created_at',
      sort_dir: 'desc',
      limit: PAGE,
      // A marker must not vanish with its transfer: the server would begin anew (coriolis-api.md §1.6).
      ...(after === undefined ? {} : { show_deleted: true, marker: after.id }),
    },
  });
  return { rows, date, isLast: rows.length !== PAGE };
}

function* chosen(ids: readonly string[], after: Position | undefined): Steps<Rows> {
  const answers = yield* together(
    ids.map((id) => ask<Transfer>({ path: path`/transfers/${id}`, key: 'transfer', query: {} })),
  );
  const found = answers.filter(({ rows }) => rows.length > 0);
  if (found.length === 0) return { ...(yield* page(after)), rows: [], isLast: true };
  return {
    rows: found.flatMap(({ rows }) => rows),
    date: Math.min(...found.map(({ date }) => date)),
    isLast: true,
  };
}

const positionOf = ({ created_at, id }: Transfer): Position => ({ at: created_at, id });

/** As the server orders: by time, then by id. */
function newestFirst(one: Position, other: Position): number {
  const difference = (parseTime(other.at) ?? 0) - (parseTime(one.at) ?? 0);
  if (difference !== 0) return difference;
  return one.id < other.id ? 1 : one.id > other.id ? -1 : 0;
}

function firstLooks(
  rows: readonly Transfer[],
  needsLook: (row: Transfer) => boolean,
): { readonly now: readonly Transfer[]; readonly isCut: boolean } {
  let looks = 0;
  const end = rows.findIndex((row) => {
    if (needsLook(row)) looks += 1;
    return looks > LOOKS;
  });
  return end === -1 ? { now: rows, isCut: false } : { now: rows.slice(0, end), isCut: true };
}
