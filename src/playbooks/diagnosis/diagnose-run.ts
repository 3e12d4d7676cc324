import type { Coriolis } from '../../api/operation-context';
import { tolerateErrors } from '../../api/tolerate-errors';
import type { ErrorText } from '../../model/error-text';
import { errorOfCause, findFailureCause, type FailureCause } from '../../model/failed-task';
import type { KnownError } from '../../model/known-errors/match-known-error';
import { displayNameOf } from '../../model/display-texts';
import { describeProgress, computeProgress } from '../../model/run-progress';
import { outcomeOf, statusLabelOf, statusOf } from '../../model/status';
import { describeStall, makeStallAdvice } from '../../model/stall-facts';
import { parseServerTime } from '../../model/timestamps';
import type { TransferOrDeployment, Deployment, Execution, Task } from '../../model/api-objects';
import { quoteText, truncate } from '../../model/untrusted-text';
import { addLaterDeployments, addLaterExecutions, replaceAppliedRemedy } from './later-runs';
import { describeConsequences, describeLeftovers } from './failure-consequences';
import type { DiagnosedRun, DiagnosisFinding } from './diagnosed-run';
import type { DiskSizes } from '../../model/disk-sizes';
import { findKnownError } from '../../facts/find-known-error';
import { fetchStallFacts, type StallWithUsualDuration } from '../../facts/fetch-stall-facts';
import { fetchOptional } from '../../requests/object-requests';
import { fetchDiskSizes } from '../../facts/run-disk-sizes';
import { fetchDeploymentRun, fetchExecutionRun, findReasonNotStarted } from '../../waiting/fetch-run';
import { describeNextSteps } from './next-steps';
import { findPoolFailure } from '../../waiting/find-pool-failure';

/** Maximum characters of the last messages of a failed task. */
const CONTEXT_LENGTH = 200;
/** Maximum characters of the server's error text in a summary; `cause` has the whole text. */
const SUMMARY_LENGTH = 200;

/**
 * Diagnoses why an execution failed, or how far it is. The procedure is described in docs/reference/known-errors.md §1
 * and docs/reference/coriolis-domain.md §6.
 * @throws {NotFoundError} the execution does not exist
 */
export async function diagnoseExecution(
  coriolis: Coriolis,
  transferId: string,
  executionId: string,
): Promise<DiagnosedRun> {
  const [{ run, date }, transfer] = await Promise.all([
    fetchExecutionRun(coriolis, transferId, executionId),
    tolerateErrors(fetchOptional(coriolis, 'transfer', [transferId]), ['forbidden'], undefined),
  ]);
  const finding = replaceAppliedRemedy(transfer, await findCauseOf(coriolis, run, date, transfer));
  return {
    run,
    name: transfer === undefined ? null : displayNameOf(transfer),
    ...(await addLaterExecutions(coriolis, run, finding)),
  };
}

/**
 * Diagnoses why a deployment failed, or how far it is. For a deployment without tasks, the execution that it waits or
 * waited for is diagnosed.
 * @throws {NotFoundError} the deployment does not exist
 */
export async function diagnoseDeployment(coriolis: Coriolis, deploymentId: string): Promise<DiagnosedRun> {
  const fetched = await fetchDeploymentRun(coriolis, deploymentId);
  const { run, date, deployer } = fetched;
  const name = displayNameOf(run);
  if (deployer === null) {
    return {
      run,
      name,
      summary: 'The execution for which the deployment waits or waited was deleted; its outcome is unknown.',
      nextSteps: ['Execute the transfer again, wait for COMPLETED, then deploy.'],
    };
  }
  const refusal = findReasonNotStarted(fetched);
  if (refusal !== undefined) {
    return {
      run,
      name,
      summary: refusal,
      nextSteps: [
        'Deploy the transfer when no run of it is active; should that be refused too, the server says why.',
      ],
    };
  }
  if (deployer === undefined) {
    const finding = replaceAppliedRemedy(run, await findCauseOf(coriolis, run, date, run));
    return { run, name, ...(await addLaterDeployments(coriolis, run, finding)) };
  }
  const before = await findCauseOf(coriolis, deployer, date, run);
  const relation = statusOf(run) === 'PENDING' ? 'It waits for' : 'It never started, because it waited for';
  return { run, name, ...before, summary: `${relation} execution ${deployer.id}. ${before.summary}` };
}

/**
 * Finds the cause of a run's failure from its own status, tasks and error texts. Later runs are not considered.
 * @param action the deployment itself, or the transfer of the execution; undefined when it may not be read
 */
async function findCauseOf(
  coriolis: Coriolis,
  run: Execution | Deployment,
  date: number,
  action: TransferOrDeployment | undefined,
): Promise<DiagnosisFinding> {
  const status = statusOf(run);
  const tasks = run.tasks ?? [];

  if (outcomeOf(status) === undefined) {
    const sizes = await fetchDiskSizes(coriolis, run);
    const stall = await fetchStallFacts(coriolis, run, date);
    return findingOfUnfinished(run, date, { sizes, stall });
  }
  if (status === 'COMPLETED') {
    return {
      summary: 'It completed; nothing failed.',
      followUps: describeConsequences(tasks, null),
      leftovers: describeLeftovers(run, null),
      nextSteps: [],
    };
  }
  if (status === 'ERROR_ALLOCATING_MINIONS') {
    const text = await findPoolFailure(coriolis, run);
    const known = text === null ? undefined : await findKnownError(coriolis, { text }, action);
    if (text === null) return noMachinesFinding(run);
    return {
      ...findingOfFailure(run, null, text, known),
      summary: summaryOf('The minion pool could not provide machines', text, known),
    };
  }
  const cause = findFailureCause(tasks);
  if (cause === null) {
    const isCanceled = status === 'CANCELED';
    return {
      summary: isCanceled
        ? 'It was canceled before any task failed.'
        : `No task shows why; the status is ${status} (${statusLabelOf(status)}).`,
      followUps: describeConsequences(tasks, null),
      leftovers: describeLeftovers(run, null),
      nextSteps: [
        isCanceled
          ? 'Start it again if you want.'
          : 'Read the logs of the conductor and the workers for that time.',
      ],
    };
  }
  const error = errorOfCause(cause);
  const known = error === null ? undefined : await findKnownError(coriolis, error, action);
  return {
    ...findingOfFailure(run, cause, cause.text, known),
    summary: summaryOf(headline(cause), cause.text, known),
  };
}

/**
 * Finding about a run that got no machines from its minion pools, which show no error. Either no machine was free, or
 * the pool was not allocated.
 */
const noMachinesFinding = (run: Execution | Deployment): DiagnosisFinding => ({
  summary:
    'The minion pool had no free machine for it, or was not allocated; no event of the pool says more.',
  nextSteps: [
    'Look at the pool: allocate it when it is not ALLOCATED.',
    'When it is allocated, wait until others have freed its machines, or raise its maximum.',
    `Then ${'transfer_id' in run ? 'deploy' : 'execute the transfer'} again.`,
  ],
});

function headline({ task, kind }: FailureCause): string {
  const where = `${task.task_type} of ${quoteText(task.instance, 80)}`;
  switch (kind) {
    case 'canceled':
      return `${where} was canceled, by a user or because its worker process died; the server writes the same for both`;
    case 'debugging':
      return `${where} failed, and its resources are kept for inspection`;
    case 'deadlock':
      return `${where} could never start`;
    case 'error':
      return `${where} failed`;
  }
}

function summaryOf(what: string, text: ErrorText | null, known: KnownError | undefined): string {
  if (known !== undefined) return `${what}: ${known.title}.`;
  return text === null
    ? `${what} without leaving a text.`
    : `${what}: ${truncate(text.textToShow, SUMMARY_LENGTH)} (no known error)`;
}

function findingOfFailure(
  run: Execution | Deployment,
  cause: FailureCause | null,
  text: ErrorText | null,
  known: KnownError | undefined,
): Omit<DiagnosisFinding, 'summary'> {
  const leftovers = describeLeftovers(run, cause);
  return {
    failure: { task: cause?.task ?? null, message: text?.textToShow ?? 'No text was left.' },
    known,
    ...(cause && lastMessages(cause.task)),
    followUps: describeConsequences(run.tasks ?? [], cause),
    leftovers,
    nextSteps: describeNextSteps({ run, cause, known, leftovers }),
  };
}

/** Age in milliseconds from which an UNEXECUTED run counts as never started. */
const NEVER_STARTED_MS = 60_000;

function findingOfUnfinished(
  run: Execution | Deployment,
  date: number,
  { sizes, stall }: { readonly sizes: DiskSizes; readonly stall: StallWithUsualDuration },
): DiagnosisFinding {
  const status = statusOf(run);
  const age = date - (parseServerTime(run.created_at) ?? date);
  if (status === 'UNEXECUTED' && age >= NEVER_STARTED_MS) {
    return {
      summary: 'It never started: the server refused it after it had made its record.',
      nextSteps: [
        'Start a new one; this one will never run and blocks nothing.',
        'Application credentials cannot start runs: log in with user name and password.',
      ],
    };
  }
  const failing = findFailureCause(run.tasks ?? []);
  const { stalled_seconds: stalled, last_progress_at: last, all_tasks_done: isDone } = stall;
  const quiet = Math.round((date - (parseServerTime(last) ?? date)) / 1000);
  // A run ends a moment after its last task, so it counts as stalled only when it is quiet for longer.
  const isStalled = stalled !== null || (isDone && quiet * 1000 > NEVER_STARTED_MS);
  const progress = computeProgress(run, date, { diskSizes: sizes });
  const numbers = describeProgress(isStalled ? { ...progress, eta_seconds: null } : progress);
  const state = `It has not ended: ${statusLabelOf(status)}${numbers === '' ? '' : `, ${numbers}`}.`;
  if (isStalled) {
    return {
      summary: `${state} ${describeStall(stall, stalled ?? quiet, stall.usual_seconds)}`,
      stalledSeconds: stalled ?? quiet,
      areAllTasksDone: isDone,
      nextSteps: makeStallAdvice(stall),
    };
  }
  return failing?.kind === 'error'
    ? {
        summary: `${state} ${headline(failing)}; it is being cleaned up.`,
        nextSteps: ['Wait until it has ended, then diagnose it again.'],
      }
    : { summary: state, nextSteps: ['Wait until it has ended; nothing has failed so far.'] };
}

/** Last warning or error and last progress message of the failed task. They may name a cause that the error lacks. */
function lastMessages(task: Task): Pick<DiagnosisFinding, 'lastEvent' | 'lastProgress'> {
  const event = task.events
    .filter(({ level }) => level === 'ERROR' || level === 'WARNING')
    .toSorted(byTime)
    .at(-1);
  const update = task.progress_updates.toSorted(byTime).at(-1);
  return {
    lastEvent: event === undefined ? null : quoteText(event.message, CONTEXT_LENGTH),
    lastProgress:
      update === undefined
        ? null
        : quoteText(
            update.total_steps > 0
              ? `${update.message} (${update.current_step} of ${update.total_steps})`
              : update.message,
            CONTEXT_LENGTH,
          ),
  };
}

function byTime(
  a: { readonly index?: number; readonly created_at: string },
  b: { readonly index?: number; readonly created_at: string },
): number {
  return (
    (a.index ?? 0) - (b.index ?? 0) ||
    (parseServerTime(a.created_at) ?? 0) - (parseServerTime(b.created_at) ?? 0)
  );
}
