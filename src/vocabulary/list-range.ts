/** A part of a list: its start and its maximum length. */
export interface ListRange {
  /** Maximum number of rows; undefined for all. Pages of the server become as small as that. */
  readonly limit?: number | undefined;
  /** Opaque position of the last row of the previous window (`position`); undefined for the start. */
  readonly after?: string | undefined;
}
