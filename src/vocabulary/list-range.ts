/** A part of a list: its start and its maximum length. */
export interface ListRange {
  /** Maximum of rows; undefined for all. It is the page size asked of the server too, when smaller. */
  readonly limit?: number | undefined;
  /** Opaque position of the last row of the previous window (`position`); undefined for the start. */
  readonly after?: string | undefined;
}
