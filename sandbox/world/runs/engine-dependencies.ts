import type { EventQueue } from '../time/event-queue';
import type { Random } from '../random';
import type { LogMessage } from '../stores/log-messages';

/** Functions and state of the sandbox that the engine needs. */
export interface EngineDependencies {
  readonly agenda: EventQueue;
  readonly random: Random;
  /** Simulated moment in milliseconds since the epoch. */
  readonly time: () => number;
  /** Time that the server's clocks show, in whole seconds since the epoch: with the planned clock skew. */
  readonly now: () => number;
  /** Speed of work relative to real time. */
  readonly speed: number;
  readonly newId: () => string;
  readonly log: (remark: LogMessage) => void;
  /** Whether an active fault applies to an execution. @param ids of the execution, of its action, and of its transfer */
  readonly appliesTo: (
    kind: 'stall' | 'stuck-cancel' | 'stuck-running',
    ids: readonly (string | null)[],
  ) => boolean;
  /** Whether the instances of one execution wait for each other. */
  readonly clusters: boolean;
  /** Whether statuses go back and final ones are replaced, as on real servers. */
  readonly quirks: boolean;
}
