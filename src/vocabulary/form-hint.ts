/** A sentence that a form shows while it is filled in. */
export interface FormHint {
  /** Names of the inputs that it depends on. */
  readonly inputs: readonly string[];
  /** @param now milliseconds since 1970 */
  text(given: Readonly<Record<string, unknown>>, now: number): string;
}
