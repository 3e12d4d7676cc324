import type { EventQueue } from '../time/event-queue';
import type { Random } from '../random';
import type { LogMessage } from '../stores/log-messages';

/** Functions and state of the world that the engine of executions needs. */
export interface EngineDependencies {
  readonly eventQueue: EventQueue;
  readonly random: Random;
  /** Simulated moment in milliseconds since the epoch. */
  readonly simulatedMs: () => number;
  /**
   * Time that the server's clocks show, in whole seconds since 1970. It differs from `time` by the fault `clock-skew`.
   */
  readonly serverSeconds: () => number;
  /** Factor by which work is faster than in real time. */
  readonly speed: number;
  readonly newId: () => string;
  readonly log: (remark: LogMessage) => void;
  /** Whether an active fault applies to an execution. @param ids of the execution, of its action, and of its transfer */
  readonly isFaultActive: (
    kind: 'stall' | 'stuck-cancel' | 'stuck-running',
    ids: readonly (string | null)[],
  ) => boolean;
  /** Whether the instances of one execution wait for each other. */
  readonly clusters: boolean;
  /**
   * Whether a status may go back and a final one may be replaced, as on real servers (docs/reference/watching.md §1).
   */
  readonly watcherQuirks: boolean;
}
