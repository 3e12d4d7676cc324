/** Hint that a form shows while it is being filled in. */
export interface FormHint {
  /** Names of the inputs from which the hint is computed. */
  readonly inputs: readonly string[];
  /**
   * Text of the hint for the inputs given so far.
   * @param now milliseconds since 1970
   */
  text(given: Readonly<Record<string, unknown>>, now: number): string;
}
