import type { Timestamps } from '../model/api-objects';

/** Consequences of a destructive call in the server's present state: the effects and the losses. */
export interface Preview {
  /** Object that the call concerns: its id, its name for people, its status and the time of its last change. */
  readonly subject: {
    readonly id: string;
    readonly name: string;
    readonly status: string;
    readonly changed: string;
  };
  /** Sentences that say what is lost or stopped, and what stays. */
  readonly consequences: readonly string[];
  /** Reason why the call cannot succeed in the present state: "an execution is running". Undefined when it can. */
  readonly refusal?: string | undefined;
}

/** Makes the subject of a preview from an object of the server. */
export const makePreviewSubject = (
  { id, created_at, updated_at }: Pick<Timestamps, 'created_at' | 'updated_at'> & { readonly id: string },
  name: string,
  status: string,
): Preview['subject'] => ({ id, name, status, changed: updated_at ?? created_at });
