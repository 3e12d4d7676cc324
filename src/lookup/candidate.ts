/** An object that a reference field can name: its value, its name for people, and a detail that tells it from others. */
export interface Candidate {
  readonly value: string;
  readonly name: string;
  /** The name as the server has it, when it is longer. A text that equals it exactly means this object before any other. */
  readonly fullName?: string | undefined;
  readonly detail: string;
  /** Other names of the object, accepted when no object has this exact name. */
  readonly aliases?: readonly string[] | undefined;
  /** Paging position after this candidate, as the `after` of a later call, where the server pages. */
  readonly position?: string | undefined;
}
