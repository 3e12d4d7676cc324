import { findInstance } from '../../platforms/platform';
import { makeExecutionLogMessage } from '../stores/log-messages';
import type { Deployment, Execution, ExecutionStatus, Task } from '../model';
import {
  decideStatusAfterCancel,
  FINISHED_CLEAN_UP_DETAILS,
  isActiveTask,
  decideTaskStart,
  executionStatusOf,
  STOPPED_BY_WORKER_DETAILS,
} from './task-transitions';
import {
  BARRIER_TASK_TYPES,
  assignDiskOwners,
  closingEventOf,
  computeDiskCopySeconds,
  findPlannedFailure,
  isIncrementalCopy,
  listDisksToCopy,
  progressMessagesOf,
  applyTaskResult,
  taskSideOf,
  findTaskProblem,
  computeTaskSeconds,
} from './task-simulation';
import type { EngineDependencies } from './engine-dependencies';
import type { RunningExecution } from './running-execution';
import { WORKER_HOST } from '../model';
import { TaskDriver } from './task-driver';

/** Overhead of a task in seconds. The two parts together are the recorded 0.16 s per task. */
const SECONDS_TO_WORKER = 0.08;
const SECONDS_TO_PROCESS = 0.08;
/**
 * Seconds until a canceled task stops. Recorded: 0.15 s after the request, the task was CANCELED and the clean-up had
 * begun.
 */
const SECONDS_TO_STOP = 0.05;
/**
 * Minimum and maximum milliseconds for which an execution that got no minion machines shows CANCELED. They are not
 * divided by the speed of the sandbox.
 */
const MILLISECONDS_CANCELED = [10, 60] as const;
const FIRST_PROCESS_ID = 5001;

/**
 * Engine of executions: starts tasks by their dependencies, reports progress, fails, cancels and cleans up like the
 * conductor of the real server (docs/reference/coriolis-domain.md §§2, 3, 5).
 */
export class ExecutionEngine {
  private nextProcessId = FIRST_PROCESS_ID;
  private readonly activity: TaskDriver;
  private readonly runs = new Map<string, RunningExecution>();

  constructor(private readonly world: EngineDependencies) {
    this.activity = new TaskDriver(world, (task) => this.isStalled(task));
  }

  /** Starts an execution. */
  start(run: RunningExecution): void {
    this.runs.set(run.execution.id, run);
    this.setStatus(run, 'RUNNING');
    this.advance(run);
  }

  /** Makes an execution wait for its minion machines, until {@link startWithMachines}, {@link failWithoutMachines} or a cancel. */
  holdForMachines(run: RunningExecution): void {
    this.runs.set(run.execution.id, run);
    this.setStatus(run, 'AWAITING_MINION_ALLOCATIONS');
  }

  /** Starts an execution whose machines are allocated, unless it was canceled meanwhile. */
  startWithMachines(execution: Execution): void {
    const run = this.waiting(execution);
    if (run) this.start(run);
  }

  /**
   * Fails an execution for which no machines can be allocated. It shows CANCELED for a moment before its final status
   * (docs/reference/watching.md §1).
   */
  failWithoutMachines(execution: Execution): void {
    const run = this.waiting(execution);
    if (!run) return;
    this.runs.delete(execution.id);
    for (const task of execution.tasks) this.cancelTask(run, task, false);
    this.startReadyTasks(run);
    const end = (): void => {
      this.setStatus(run, 'ERROR_ALLOCATING_MINIONS');
      run.onFinished('ERROR_ALLOCATING_MINIONS');
    };
    if (!this.world.watcherQuirks) {
      end();
      return;
    }
    this.setStatus(run, 'CANCELED');
    const milliseconds = this.world.random.between(...MILLISECONDS_CANCELED);
    this.world.eventQueue.add(this.world.simulatedMs() + milliseconds, end);
  }

  private waiting(execution: Execution): RunningExecution | undefined {
    return execution.status === 'AWAITING_MINION_ALLOCATIONS' ? this.runs.get(execution.id) : undefined;
  }

  /** Cancels an active execution. With `force` it does not wait until the workers have stopped their tasks. */
  cancel(execution: Execution, force: boolean): void {
    const run = this.runs.get(execution.id);
    if (run) this.cancelTasks(run, force);
  }

  private cancelTasks(run: RunningExecution, force: boolean): void {
    if (run.execution.status === 'CANCELLING' && !force) {
      this.advance(run);
      return;
    }
    this.setStatus(run, 'CANCELLING');
    for (const task of run.execution.tasks) this.cancelTask(run, task, force);
    this.startReadyTasks(run);
    // When a task is still active, the execution stays CANCELLING until that task reports.
    if (!run.execution.tasks.some(isActiveTask)) this.advance(run);
  }

  private cancelTask(run: RunningExecution, task: Task, force: boolean): void {
    const end = decideStatusAfterCancel(task, force);
    if (end === undefined) return;
    // A clean-up task that may complete despite the cancel keeps its scheduled simulation steps.
    if (end.status === 'CANCELLING_AFTER_COMPLETION')
      this.activity.setStatusKeepingSteps(task, end.status, end.details);
    else this.activity.setStatusDroppingSteps(task, end.status, end.details);
    if (end.status !== 'CANCELLING' || this.ignoresCancel(run, task)) return;
    this.activity.scheduleStep(task, SECONDS_TO_STOP, () => {
      this.activity.setStatusDroppingSteps(task, 'CANCELED', STOPPED_BY_WORKER_DETAILS);
      this.handleResult(run);
    });
  }

  /** Handles the result of a task: updates the action and starts dependent tasks. */
  private handleResult(run: RunningExecution): void {
    run.action.updatedAt = this.now();
    this.advance(run);
  }

  private advance(run: RunningExecution): void {
    this.startReadyTasks(run);
    const derived = executionStatusOf(run.execution);
    const goesBack = derived === 'RUNNING' && run.execution.status === 'CANCELLING';
    const status = goesBack && !this.world.watcherQuirks ? 'CANCELLING' : derived;
    if (status === 'COMPLETED' && run.execution.status === 'RUNNING' && this.failsToRecordEnd(run)) return;
    if (status !== run.execution.status) this.setStatus(run, status);
    if (status === 'RUNNING' || status === 'CANCELLING') return;
    // `startReadyTasks` may have ended the execution itself, for a task that cannot be scheduled: then the run is gone.
    if (this.runs.delete(run.execution.id)) run.onFinished(status);
  }

  private startReadyTasks(run: RunningExecution): void {
    const byId = new Map(run.execution.tasks.map((task) => [task.id, task]));
    for (const task of run.execution.tasks) {
      if (task.status !== 'SCHEDULED') continue;
      const parents = (task.dependsOn ?? []).flatMap((id) => byId.get(id) ?? []);
      const next = decideTaskStart(task, parents);
      if (next === 'begin') this.startTask(run, task);
      else if (next !== 'wait') this.activity.setStatusDroppingSteps(task, 'UNSCHEDULED', next.unscheduled);
    }
  }

  private startTask(run: RunningExecution, task: Task): void {
    if (!run.hasWorker(taskSideOf(task))) {
      this.activity.setStatusDroppingSteps(task, 'FAILED_TO_SCHEDULE', unschedulable(task));
      this.cancelTasks(run, false);
      return;
    }
    this.activity.setStatusDroppingSteps(task, 'PENDING');
    this.activity.scheduleStep(task, SECONDS_TO_WORKER, () => {
      this.activity.setStatusDroppingSteps(task, 'STARTING');
      task.host = WORKER_HOST;
      this.activity.scheduleStep(task, SECONDS_TO_PROCESS, () => {
        this.activity.setStatusDroppingSteps(task, 'RUNNING');
        task.processId = this.nextProcessId;
        this.nextProcessId += 1;
        if (task.type === 'REPLICATE_DISKS') this.replicate(run, task);
        else this.work(run, task);
      });
    });
  }

  private work(run: RunningExecution, task: Task): void {
    const seconds = computeTaskSeconds(run, task, this.world.random.next());
    progressMessagesOf(run, task).forEach((message, position, all) => {
      const tell = (): void => {
        this.activity.addProgressUpdate(task, 0, 0, message);
      };
      if (position === 0) tell();
      else this.activity.scheduleStep(task, (seconds * position) / all.length, tell);
    });
    if (findInstance(run.source, task.instance)?.behaviour.stuckTask === task.type) return;
    this.activity.scheduleStep(task, seconds, () => {
      const problem = findTaskProblem(run, task);
      if (problem) {
        this.fail(run, task, problem);
        return;
      }
      const event = closingEventOf(task);
      if (event) this.activity.addEvent(task, 'INFO', event);
      this.complete(run, task);
    });
  }

  private replicate(run: RunningExecution, task: Task): void {
    const instance = findInstance(run.source, task.instance);
    if (!instance) {
      this.complete(run, task);
      return;
    }
    const kind = isIncrementalCopy(run, task.instance) ? 'Incremental' : 'Full';
    this.activity.addProgressUpdate(task, 0, 0, `${kind} backup of instance`);
    const { stuckAtPercent } = instance.behaviour;
    const failure = findPlannedFailure(run, task);
    const { progressStepPercent: progressStep } = run.source;
    const disks = listDisksToCopy(run, instance);

    const copyDisk = (position: number): void => {
      const disk = disks[position];
      if (!disk) {
        this.complete(run, task);
        return;
      }
      const update = this.activity.addProgressUpdate(task, 0, 100, `Performing backup for disk ${disk.id}`);
      const secondsPerStep = (computeDiskCopySeconds(run, instance, disk) * progressStep) / 100;
      const step = (): void => {
        if (failure && update.currentStep >= (failure.atPercent ?? 50)) {
          this.fail(run, task, failure);
          return;
        }
        if (stuckAtPercent !== undefined && update.currentStep >= stuckAtPercent) return;
        update.currentStep = Math.min(100, update.currentStep + progressStep);
        update.updatedAt = this.now();
        if (update.currentStep < 100) this.activity.scheduleStep(task, secondsPerStep, step);
        else copyDisk(position + 1);
      };
      this.activity.scheduleStep(task, secondsPerStep, step);
    };
    copyDisk(0);
  }

  private complete(run: RunningExecution, task: Task): void {
    if (task.status === 'CANCELLING_AFTER_COMPLETION') {
      this.activity.setStatusDroppingSteps(task, 'CANCELED_AFTER_COMPLETION', FINISHED_CLEAN_UP_DETAILS);
      this.handleResult(run);
      return;
    }
    applyTaskResult(run, task);
    const peers = run.execution.tasks.filter((other) => other.type === task.type);
    if (this.world.clusters && BARRIER_TASK_TYPES.includes(task.type) && peers.length > 1) {
      this.activity.setStatusDroppingSteps(task, 'SYNCING');
      if (peers.some((peer) => peer.status !== 'SYNCING')) return;
      if (task.type === 'GET_INSTANCE_INFO') assignDiskOwners(run);
      for (const peer of peers) this.activity.setStatusDroppingSteps(peer, 'COMPLETED');
    } else {
      this.activity.setStatusDroppingSteps(task, 'COMPLETED');
    }
    this.handleResult(run);
  }

  private fail(run: RunningExecution, task: Task, problem: { message: string; event?: string }): void {
    if (problem.event) this.activity.addEvent(task, 'ERROR', problem.event);
    this.activity.setStatusDroppingSteps(task, 'ERROR', problem.message);
    if (BARRIER_TASK_TYPES.includes(task.type)) {
      for (const peer of run.execution.tasks) {
        if (peer.type !== task.type || peer.status !== 'SYNCING') continue;
        this.activity.setStatusDroppingSteps(
          peer,
          'ERROR',
          `Aborted: peer task '${task.id}' failed during clustered execution. Original error: ${problem.message}`,
        );
      }
    }
    run.action.updatedAt = this.now();
    this.cancelTasks(run, false);
  }

  private isStalled(task: Task): boolean {
    return this.world.isFaultActive('stall', idsOf(task.executionId, this.runs.get(task.executionId)));
  }

  private ignoresCancel(run: RunningExecution, task: Task): boolean {
    const { ignoresCancel = false } = findInstance(run.source, task.instance)?.behaviour ?? {};
    return ignoresCancel || this.world.isFaultActive('stuck-cancel', idsOf(run.execution.id, run));
  }

  /** Whether the end of the execution is never recorded: it stays RUNNING although all its tasks completed. */
  private failsToRecordEnd(run: RunningExecution): boolean {
    const { execution, source } = run;
    return (
      run.failsToRecordEnd?.() === true ||
      execution.tasks.some(({ instance }) => findInstance(source, instance)?.behaviour.neverFinishes) ||
      this.world.isFaultActive('stuck-running', idsOf(execution.id, run))
    );
  }

  /** Sets the status of execution and action in one transaction (docs/reference/watching.md §1). */
  private setStatus(run: RunningExecution, status: ExecutionStatus): void {
    const now = this.now();
    run.execution.status = status;
    run.execution.updatedAt = now;
    run.action.lastExecutionStatus = status;
    this.world.log(makeExecutionLogMessage(run.execution));
    run.action.updatedAt = now;
  }

  private now(): number {
    return this.world.serverSeconds();
  }
}

/** Ids by which a fault can select an execution: its own, that of its action, and that of the transfer. */
function idsOf(executionId: string, run: RunningExecution | undefined): (string | null)[] {
  const action: Partial<Deployment> | undefined = run?.action;
  return [executionId, action?.id ?? null, action?.transferId ?? null];
}

/** The reason of a task that was not scheduled (`coriolis/scheduler/rpc/client.py`). The server does not say what its scheduler found. */
const unschedulable = ({ id }: Task): string =>
  `Failed to schedule task ${id} after 5 tries. This may indicate that there are no Coriolis Worker services able to perform the task on the ` +
  'platforms and in the Coriolis Regions required by the selected source/destination Coriolis Endpoints. Please review the Conductor and ' +
  'Scheduler logs for more exact details.';
