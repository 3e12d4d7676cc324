/** Lengths of the server's text columns, in characters (docs/reference/coriolis-api.md §2). */
export const STORED_NAME = 255;
export const STORED_DESCRIPTION = 1024;
/** Notes have 65,535 bytes, of which a character takes three at most. */
export const STORED_NOTES = 21_845;
