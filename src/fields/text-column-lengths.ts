/** Lengths of the server's text columns, in characters (docs/reference/coriolis-api.md §2). */
export const NAME_COLUMN_LENGTH = 255;
export const DESCRIPTION_COLUMN_LENGTH = 1024;
/** Notes have 65,535 bytes, of which a character takes three at most. */
export const NOTES_COLUMN_LENGTH = 21_845;
