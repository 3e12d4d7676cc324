import type { ExecutionStatus } from '../model';
import type { Agenda } from '../time/agenda';
import type { Random } from '../random';
import type { LogMessage } from '../stores/log-lines';
import type { WorkContext } from './work-context';

/** The engine's interface to the simulated world. */
export interface WorldForEngine {
  readonly agenda: Agenda;
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

/** An execution in progress. */
export interface Run extends WorkContext {
  /** Whether the server fails to record the end of the execution, which then stays RUNNING; false when absent. */
  readonly endIsLost?: () => boolean;
  /** Called once, when the execution has reached its final status. */
  readonly finished: (status: ExecutionStatus) => void;
}
