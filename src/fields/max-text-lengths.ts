/** Maximum lengths of texts in the server's database columns, in characters (docs/reference/coriolis-api.md §2). */
export const MAX_NAME_LENGTH = 255;
export const MAX_DESCRIPTION_LENGTH = 1024;
/** The column for notes has 65,535 bytes, and a character takes at most three. */
export const MAX_NOTES_LENGTH = 21_845;
