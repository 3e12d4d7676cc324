import { sideOfTaskType, type KnownError } from '../../model/known-errors/match-known-error';
import { isFinal, outcomeOf, statusOf } from '../../model/status';
import type { Deployment, Execution, Task } from '../../model/api-objects';
import { quoteText } from '../../model/untrusted-text';
import { key, view, type ResultOf } from '../../vocabulary/result-keys';

/** First failure of a run. */
export interface FirstFailure {
  /** The failed task; null when no task failed. */
  readonly task: Task | null;
  /** Error text, or a sentence that there is none. */
  readonly message: string;
}

/** Result of diagnosing a run. A key is absent when there is nothing to report under it. */
export interface DiagnosisFinding {
  readonly summary: string;
  /** Seconds without any change, for a stalled run. */
  readonly stalledSeconds?: number;
  /** Whether all tasks of the run have ended although it still counts as running. */
  readonly areAllTasksDone?: boolean;
  /** Whether the transfer has no later run of the same kind; undefined when that was not checked. */
  readonly isNewestRun?: boolean;
  /** Id of a later run of the same kind that completed. */
  readonly laterCompletedId?: string;
  readonly failure?: FirstFailure;
  /** Known error that matches the error text. */
  readonly known?: KnownError | undefined;
  /** Last warning or error of the failed task; null when it has none. */
  readonly lastEvent?: string | null;
  /** Last progress message of the failed task; null when it has none. */
  readonly lastProgress?: string | null;
  /** Sentences about other tasks that failed or did not run because of the failure. */
  readonly followUps?: readonly string[];
  /** Sentences about what the run may have left on the platforms. */
  readonly leftovers?: readonly string[];
  readonly nextSteps: readonly string[];
}

/** A run with the result of its diagnosis. */
export interface DiagnosedRun extends DiagnosisFinding {
  readonly run: Execution | Deployment;
  /** Name of the run's transfer or direct migration; null when it cannot be read. */
  readonly name: string | null;
}

/** Maximum number of characters of a name in a diagnosis. */
const NAME_LENGTH = 60;

/** Address of the public documentation of Coriolis, to which the page names of known errors are appended. */
const DOCUMENTS = 'https://github.com/cloudbase/coriolis-docs/blob/HEAD/source';

/** Result view of a diagnosis: cause, remedy, next steps. At most 800 tokens. */
export const diagnosisView = view<DiagnosedRun>()({
  kind: key.text('execution or deployment', ({ run }: DiagnosedRun) =>
    'transfer_id' in run ? 'deployment' : 'execution',
  ),
  id: key.text('Id of the execution or deployment', ({ run }: DiagnosedRun) => run.id),
  name: key.text(
    'Notes of the transfer, else the machines',
    ({ name }: DiagnosedRun) => name && quoteText(name, NAME_LENGTH),
    { nullable: true, untrusted: true },
  ),
  transfer_id: key.text(
    'Transfer id; null for a direct migration',
    ({ run }: DiagnosedRun) => ('transfer_id' in run ? run.transfer_id : run.action_id),
    { nullable: true },
  ),
  number: key.number(
    'Number of the execution; null for a deployment',
    ({ run }: DiagnosedRun) => ('number' in run ? run.number : null),
    { nullable: true },
  ),
  started_at: key.time('Created', ({ run }: DiagnosedRun) => run.created_at),
  finished_at: key.time(
    'End; null while the run has not ended',
    ({ run }: DiagnosedRun) => (isFinal(statusOf(run)) ? run.updated_at : null),
    { nullable: true },
  ),
  status: key.text('Status', ({ run }: DiagnosedRun) => statusOf(run)),
  outcome: key.text(
    'completed, failed or canceled; null while the run has not ended',
    ({ run }: DiagnosedRun) => outcomeOf(statusOf(run)),
    { nullable: true },
  ),
  stalled_seconds: key.number(
    'Seconds without any change of a stalled run',
    ({ stalledSeconds }: DiagnosedRun) => stalledSeconds,
    { nullable: true },
  ),
  all_tasks_done: key.flag(
    'Whether a stalled run has no task left and will not end by itself; null for other runs',
    ({ areAllTasksDone }: DiagnosedRun) => areAllTasksDone,
    { nullable: true },
  ),
  is_newest: key.flag(
    'Whether no later run of the same kind exists; null when that is unknown',
    ({ isNewestRun }: DiagnosedRun) => isNewestRun,
    { nullable: true },
  ),
  completed_since: key.text(
    'Id of a later run of the same kind that completed; null without one',
    ({ laterCompletedId }: DiagnosedRun) => laterCompletedId,
    { nullable: true },
  ),
  summary: key.text('The finding in one or two sentences', { untrusted: true }),
  cause: key.object(
    'First failure; null when nothing failed or the failure is unknown',
    {
      instance: key.text('Machine', ({ task }: FirstFailure) => task && quoteText(task.instance, 200), {
        nullable: true,
        untrusted: true,
      }),
      task_type: key.text('Task', ({ task }: FirstFailure) => task?.task_type, { nullable: true }),
      side: key.text(
        'Side of the failure: source, destination, both or guest',
        ({ task }: FirstFailure) => task && sideOfTaskType(task.task_type),
        { nullable: true },
      ),
      message: key.text('Error text of the provider or the guest', { untrusted: true }),
    },
    ({ failure }: DiagnosedRun) => failure,
    { nullable: true },
  ),
  known_error: key.object(
    'Matching entry of the known errors; null when none matches',
    {
      id: key.text('Name of the entry'),
      title: key.text('Title, also in the summary', { redundant: true }),
      explanation: key.text('Cause', ({ cause }: KnownError) => cause),
      remedy: key.text('Remedy, also the first of the next steps', { redundant: true }),
      retry: key.text('Whether a retry helps: yes, after_fix or no'),
      document: key.text(
        'Page of the Coriolis documentation',
        ({ document }: KnownError) => document && `${DOCUMENTS}/${document}`,
        { nullable: true },
      ),
    },
    ({ known }: DiagnosedRun) => known,
    { nullable: true },
  ),
  context: key.object(
    'Last messages of the failing task',
    {
      last_event: key.text('Last warning or error', ({ lastEvent }: DiagnosisFinding) => lastEvent, {
        nullable: true,
        untrusted: true,
      }),
      last_progress: key.text('Last progress message', ({ lastProgress }: DiagnosisFinding) => lastProgress, {
        nullable: true,
        untrusted: true,
      }),
    },
    (finding: DiagnosedRun) => finding,
  ),
  follow_ups: key.texts(
    'Further failures, and tasks that did not run',
    ({ followUps = [] }: DiagnosedRun) => followUps,
    { untrusted: true },
  ),
  leftovers: key.texts(
    'Resources that may be left on the platforms',
    ({ leftovers = [] }: DiagnosedRun) => leftovers,
    { untrusted: true },
  ),
  next_steps: key.texts('What to do, in this order', ({ nextSteps }: DiagnosedRun) => nextSteps),
});

/** Diagnosis of a run in the form of the result. */
export type Diagnosis = ResultOf<typeof diagnosisView>;
