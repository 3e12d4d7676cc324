/** How far behind the newest change a poll reads again: late commits, clocks of several conductors (watching.md §3). */
export const OVERLAP_MS = 60_000;
/** Age behind the newest change at which entries are dropped; far beyond what the overlap can bring back. */
export const HORIZON_MS = 600_000;
/** Age at which a final status is believed; a younger one can be replaced (watching.md §1). */
export const BELIEVED_AFTER_MS = 2_000;
/** Distance of the newest change ahead of the server's clock that shows that the clock was set back. */
export const CLOCK_JUMP_MS = 60_000;
