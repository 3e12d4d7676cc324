/** A part of a list: its start and its maximum length. */
export interface ListRange {
  /** Maximum number of rows; undefined for all. When smaller than a page, it is also the requested page size. */
  readonly limit?: number | undefined;
  /** Opaque position of the last row of the previous window (`position`); undefined for the start. */
  readonly after?: string | undefined;
}
