/**
 * Point in a list up to which much was read and few rows were found. A caller with a bound on requests stops there and
 * continues later from the position; another one reads on.
 */
export class ListPause {
  /**
   * @param position as that of a row
   * @param message what was read and what was not, a sentence
   */
  constructor(
    readonly position: string,
    readonly message: string,
  ) {}
}

/** Part of a list that a caller asks for: its start and its maximum length. */
export interface ListRange {
  /** Maximum number of rows; undefined for all. When it is smaller than a page, only so many rows are requested. */
  readonly limit?: number | undefined;
  /** Opaque position of the last row that the caller has already; undefined to begin at the start. */
  readonly after?: string | undefined;
}
