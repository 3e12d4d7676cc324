/** An object that a reference field can name: its value, its display name, and a detail that distinguishes it. */
export interface Candidate {
  readonly value: string;
  readonly name: string;
  /** The name as the server has it, when it is longer. An object whose full name equals a text exactly is preferred. */
  readonly fullName?: string | undefined;
  readonly detail: string;
  /** Other names of the object, accepted when no object has this exact name. */
  readonly aliases?: readonly string[] | undefined;
  /** Paging position after this candidate, as the `after` of a later call, where the server pages. */
  readonly position?: string | undefined;
}
