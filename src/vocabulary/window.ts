/** From where a list starts and how far it goes. */
export interface Window {
  /** Stop after so many rows; undefined for all. Lets the operation ask the server for small pages. */
  readonly limit?: number;
  /** Opaque position behind the last row of an earlier window, as `position` gives it. */
  readonly after?: string;
}
