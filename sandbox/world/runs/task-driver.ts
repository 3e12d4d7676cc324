import type { EventLevel, ProgressUpdate, Task, TaskStatus } from '../model';
import { makeProgressLogMessage, makeTaskLogMessages } from '../stores/log-messages';
import type { EngineDependencies } from './engine-dependencies';

/** Milliseconds until a stalled task is checked again, at any speed. */
const MILLISECONDS_STALLED = 500;

/** Drives tasks: sets their status, adds progress updates, events and log lines, and schedules their next steps. */
export class TaskDriver {
  /**
   * Token of the current activity of each task. {@link setStatusDroppingSteps} replaces it; a step that was scheduled under an older
   * token is ignored.
   */
  private readonly activities = new WeakMap<Task, object>();

  constructor(
    private readonly world: EngineDependencies,
    private readonly isStalled: (task: Task) => boolean,
  ) {}

  /** Sets the status of a task and begins a new activity, so that steps scheduled before are ignored. */
  setStatusDroppingSteps(task: Task, status: TaskStatus, exceptionDetails = task.exceptionDetails): void {
    this.activities.set(task, {});
    this.setStatusKeepingSteps(task, status, exceptionDetails);
  }

  /** Sets the status of a task. Its scheduled steps still happen. */
  setStatusKeepingSteps(task: Task, status: TaskStatus, exceptionDetails = task.exceptionDetails): void {
    task.status = status;
    task.exceptionDetails = exceptionDetails;
    task.updatedAt = this.world.serverSeconds();
    makeTaskLogMessages(task).forEach(this.world.log);
  }

  /** Schedules a step of a task after seconds that are divided by the sandbox's speed. A step of an earlier activity is ignored. */
  scheduleStep(task: Task, seconds: number, then: () => void): void {
    const planned = this.activities.get(task);
    const happen = (): void => {
      if (this.activities.get(task) !== planned) return;
      if (this.isStalled(task))
        this.world.eventQueue.add(this.world.simulatedMs() + MILLISECONDS_STALLED, happen);
      else then();
    };
    this.world.eventQueue.add(this.world.simulatedMs() + (seconds * 1000) / this.world.speed, happen);
  }

  addProgressUpdate(task: Task, currentStep: number, totalSteps: number, message: string): ProgressUpdate {
    const update: ProgressUpdate = {
      id: this.world.newId(),
      index: task.progressUpdates.length,
      currentStep,
      totalSteps,
      message,
      createdAt: this.world.serverSeconds(),
      updatedAt: null,
    };
    task.progressUpdates.push(update);
    this.world.log(makeProgressLogMessage(task, message));
    return update;
  }

  addEvent(task: Task, level: EventLevel, message: string): void {
    const index = task.events.length;
    task.events.push({
      id: this.world.newId(),
      index,
      level,
      message,
      createdAt: this.world.serverSeconds(),
    });
  }
}
