/**
 * What a watcher keeps between two polls: plain JSON, a few entries for what changed lately. All times are milliseconds
 * since 1970 on the server's clock, from its own timestamps.
 */

/** What was last seen of a transfer. */
export interface KnownTransfer {
  /** Its `updated_at`. */
  readonly u: number;
  /** Its status. */
  readonly s: string;
  /** Number of the newest execution that needs no event any more; absent while unknown. */
  readonly n?: number;
  /** While `n` is unknown: executions that ended at or before this moment need no event. */
  readonly t?: number;
  /** Number of the newest execution whose beginning needs no event any more; absent while unknown. */
  readonly b?: number;
  /** It must be looked at again whatever its row says: something about it was too young to be believed. */
  readonly hot?: true;
  /** A run was seen, going on or too young, that no event has told of. */
  readonly open?: true;
}

export interface ExecutionsCursor {
  /** Everything that ended at or before this moment is dealt with, unless `known` says otherwise. */
  readonly t0: number;
  /** Largest `updated_at` seen, never ahead of the server's clock. */
  readonly high: number;
  /** Beginnings are told of executions made at or after this moment; absent while beginnings are not watched. */
  readonly b0?: number;
  readonly known: Readonly<Record<string, KnownTransfer>>;
}

export interface DeploymentsCursor {
  readonly t0: number;
  readonly high: number;
  /** Deployments dealt with, and when they ended. */
  readonly done: Readonly<Record<string, number>>;
}

/** What was last seen of a run that had not got on for a while. */
export interface KnownStall {
  /** The transfer's `updated_at`: while it stays, the run is the same. */
  readonly u: number;
  /** Number of the execution. */
  readonly n: number;
  /** When it got on last, or was last found to stand still for so long that it is no news. */
  readonly p: number;
  /** Its stall is told. */
  readonly told?: true;
  /** When the transfer was last seen at work. */
  readonly seen: number;
}

export interface StallsCursor {
  /** Stalls that came about at or before this moment are not told. */
  readonly t0: number;
  readonly known: Readonly<Record<string, KnownStall>>;
}

/** What was last seen of a minion pool. */
export interface KnownPool {
  readonly u: number;
  readonly s: string;
  /** How many of its events are dealt with. */
  readonly e: number;
  readonly hot?: true;
}

export interface PoolsCursor {
  readonly known: Readonly<Record<string, KnownPool>>;
}

/** Where a walk over all transfers stands: it looks at what happened in (`from`, `until`], whenever it comes by. */
export interface Walk {
  readonly from: number;
  readonly until: number;
  /** The last transfer visited, newest first; absent when the walk is to begin anew. */
  readonly after?: { readonly at: string; readonly id: string };
}

/** What must be remembered of a transfer whose row does not tell when it was last synced. */
export interface KnownReplica {
  readonly u: number;
  /** End of its last completed sync. */
  readonly f: number;
}

export interface ReplicasCursor extends Walk {
  readonly known: Readonly<Record<string, KnownReplica>>;
}

/** The state of a watcher. Opaque to its keeper; bound to one project of one server. */
export interface Cursor {
  readonly version: 1;
  readonly scope: string;
  readonly executions?: ExecutionsCursor;
  readonly deployments?: DeploymentsCursor;
  readonly stalls?: StallsCursor;
  readonly replicas?: ReplicasCursor;
  readonly schedules?: Walk;
  readonly pools?: PoolsCursor;
}

/** How far behind the newest change a poll reads again: late commits, clocks of several conductors (watching.md §3). */
export const OVERLAP_MS = 60_000;
/** Entries older than this behind the newest change are forgotten; far more than the overlap can bring back. */
export const HORIZON_MS = 600_000;
/** A final status can be replaced within moments (watching.md §1). */
export const BELIEVED_AFTER_MS = 2_000;
/** A newest change further ahead of the server's clock than this means that the clock was set back. */
export const CLOCK_JUMP_MS = 60_000;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What each part must have to be used: numbers, and maps. */
const PARTS: Readonly<
  Record<string, { readonly numbers: readonly string[]; readonly maps: readonly string[] }>
> = {
  executions: { numbers: ['t0', 'high'], maps: ['known'] },
  deployments: { numbers: ['t0', 'high'], maps: ['done'] },
  stalls: { numbers: ['t0'], maps: ['known'] },
  replicas: { numbers: ['from', 'until'], maps: ['known'] },
  schedules: { numbers: ['from', 'until'], maps: [] },
  pools: { numbers: [], maps: ['known'] },
};

/** The saved state when it is one of ours for this scope; undefined means to start afresh. */
export function readCursor(saved: unknown, scope: string): Cursor | undefined {
  if (!isRecord(saved) || saved['version'] !== 1 || saved['scope'] !== scope) return undefined;
  const isSound = Object.entries(PARTS).every(([name, { numbers, maps }]) => {
    const part = saved[name];
    if (part === undefined) return true;
    return (
      isRecord(part) &&
      numbers.every((key) => Number.isFinite(part[key])) &&
      maps.every((key) => isRecord(part[key]))
    );
  });
  return isSound ? (saved as unknown as Cursor) : undefined;
}
