import type { ExecutionStatus } from '../model';
import type { WorkContext } from './work-context';

/** An execution in progress: the context of its tasks, and the handling of its end. */
export interface Run extends WorkContext {
  /** Whether the server fails to record the end of the execution, which then stays RUNNING; false when absent. */
  readonly endIsLost?: () => boolean;
  /** Called once, when the execution has reached its final status. */
  readonly finished: (status: ExecutionStatus) => void;
}
