import type { Timestamps } from '../model/types';

/** What a destructive operation is about to do, computed from the server's present state before anything happens. */
export interface Preview {
  /** The object: its id, the name people know it by, its status and when it last changed. */
  readonly subject: {
    readonly id: string;
    readonly name: string;
    readonly status: string;
    readonly changed: string;
  };
  /** What will be lost or stopped, and what stays behind: short sentences. */
  readonly consequences: readonly string[];
  /** Why it would be nonsense now ("an execution is running"), when it would. */
  readonly refusal?: string;
}

/** What a preview is about: an object of the server, by the words that people know it and its state by. */
export const subjectOf = (
  { id, created_at, updated_at }: Pick<Timestamps, 'created_at' | 'updated_at'> & { readonly id: string },
  name: string,
  status: string,
): Preview['subject'] => ({ id, name, status, changed: updated_at ?? created_at });
