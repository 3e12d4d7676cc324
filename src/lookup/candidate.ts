/**
 * Object that people can choose for a reference field: its value, its display name, and a detail that distinguishes it
 * from others.
 */
export interface Candidate {
  readonly value: string;
  readonly name: string;
  /**
   * Name as the server stores it, when that is longer. An object whose full name equals the given text exactly is
   * preferred.
   */
  readonly fullName?: string | undefined;
  readonly detail: string;
  /** Other names of the object, accepted when no object has this exact name. */
  readonly aliases?: readonly string[] | undefined;
  /** Position of this candidate, where the server pages. As `after` of a later call it begins after this candidate. */
  readonly position?: string | undefined;
}
