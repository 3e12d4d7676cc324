/** Part of a list that a caller asks for: its start and its maximum length. */
export interface ListRange {
  /** Maximum number of rows; undefined for all. When it is smaller than a page, only so many rows are requested. */
  readonly limit?: number | undefined;
  /** Opaque position of the last row that the caller has already; undefined to begin at the start. */
  readonly after?: string | undefined;
}
