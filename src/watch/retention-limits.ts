/**
 * Limits for the entries of handled changes that the cursor of a watch keeps. Ages are milliseconds behind the newest
 * change.
 */

/** Age below which no entry is dropped. */
export const ALWAYS_KEPT_AGE_MS = 600_000;
/** Age from which every entry is dropped. It covers a server's clock that is set back by two hours. */
export const REMEMBERED_PAST_MS = 8_100_000;
/** Maximum number of entries older than `ALWAYS_KEPT_AGE_MS`; more are dropped. */
export const MAX_OLD_ENTRIES = 300;
/** As `MAX_OLD_ENTRIES`, for the first poll. It is lower because the first poll reads the executions of each entry. */
export const MAX_OLD_ENTRIES_IN_FIRST_POLL = 100;
/** Milliseconds by which a timestamp must lie ahead of the server's clock to prove that the clock was set back. */
export const MIN_CLOCK_SET_BACK_MS = 300_000;
/** Milliseconds between two polls from which the server's clock may have been set back without being noticed. */
export const LONG_PAUSE_MS = 75_000;
