import type { Timestamps } from '../model/types';

/** Preview of a destructive operation, computed from the server's present state. */
export interface Preview {
  /** The object: id, display name, status and last change. */
  readonly subject: {
    readonly id: string;
    readonly name: string;
    readonly status: string;
    readonly changed: string;
  };
  /** Sentences about what is lost or stopped, and what stays. */
  readonly consequences: readonly string[];
  /** Reason why the operation would be refused now ("an execution is running"). */
  readonly refusal?: string;
}

/** Subject of a preview: an object of the server with its name and status. */
export const subjectOf = (
  { id, created_at, updated_at }: Pick<Timestamps, 'created_at' | 'updated_at'> & { readonly id: string },
  name: string,
  status: string,
): Preview['subject'] => ({ id, name, status, changed: updated_at ?? created_at });
