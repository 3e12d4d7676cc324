/** Hint that a form shows while it is being filled in. */
export interface FormHint {
  /** Names of the inputs it is computed from. */
  readonly inputs: readonly string[];
  /** @param now milliseconds since 1970 */
  text(given: Readonly<Record<string, unknown>>, now: number): string;
}
