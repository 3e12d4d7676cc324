/** Minimum age behind the newest change at which an entry is dropped. */
export const HORIZON_MS = 600_000;
/** Age behind the newest change at which every entry is dropped: the server's clock may go back by two hours. */
export const REMEMBERED_PAST_MS = 8_100_000;
/** Maximum number of entries older than `HORIZON_MS`. */
export const MAX_ENTRIES = 300;
/** Maximum number of entries older than `HORIZON_MS` after the first poll, which needs a lookup for each. */
export const MAX_FIRST_ENTRIES = 100;
/** Minimum time by which a timestamp lies ahead of the server's clock when that clock counts as set back. */
export const CLOCK_SET_BACK_MS = 300_000;
/** Minimum pause between two polls after which a clock that was set back can go unnoticed. */
export const LONG_PAUSE_MS = 75_000;
