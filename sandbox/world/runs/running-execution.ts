import type { ExecutionStatus } from '../model';
import type { TaskContext } from './task-context';

/** An execution in progress: the context of its tasks, and the handling of its end. */
export interface RunningExecution extends TaskContext {
  /** Whether the server fails to record the end of the execution, which then stays RUNNING; false when absent. */
  readonly failsToRecordEnd?: () => boolean;
  /** Called once, when the execution has reached its final status. */
  readonly onFinished: (status: ExecutionStatus) => void;
}
