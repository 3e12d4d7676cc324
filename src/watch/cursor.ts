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
  readonly known: Readonly<Record<string, KnownTransfer>>;
}

export interface DeploymentsCursor {
  readonly t0: number;
  readonly high: number;
  /** Deployments dealt with, and when they ended. */
  readonly done: Readonly<Record<string, number>>;
}

/** The state of a watcher. Opaque to its keeper; bound to one project of one server. */
export interface Cursor {
  readonly version: 1;
  readonly scope: string;
  readonly executions?: ExecutionsCursor;
  readonly deployments?: DeploymentsCursor;
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

function isPart(value: unknown, map: 'known' | 'done'): boolean {
  if (value === undefined) return true;
  return (
    isRecord(value) && Number.isFinite(value['t0']) && Number.isFinite(value['high']) && isRecord(value[map])
  );
}

/** The saved state when it is one of ours for this scope; undefined means to start afresh. */
export function readCursor(saved: unknown, scope: string): Cursor | undefined {
  if (!isRecord(saved) || saved['version'] !== 1 || saved['scope'] !== scope) return undefined;
  return isPart(saved['executions'], 'known') && isPart(saved['deployments'], 'done')
    ? (saved as unknown as Cursor)
    : undefined;
}
