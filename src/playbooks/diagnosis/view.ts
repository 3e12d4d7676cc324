import { sideOfTaskType, type KnownError } from '../../model/known-errors';
import { isFinal, outcomeOf, statusOf } from '../../model/status';
import type { Deployment, Execution, Task } from '../../model/types';
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
export interface Finding {
  readonly summary: string;
  /** Seconds without any change, for a stalled run. */
  readonly stalledSeconds?: number;
  /** Whether all tasks of the run have ended although it still counts as running. */
  readonly areAllTasksDone?: boolean;
  /** Whether the transfer has no later run of the same kind; undefined when that was not checked. */
  readonly isNewest?: boolean;
  /** Id of a later run of the same kind that completed. */
  readonly completedSince?: string;
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
export interface DiagnosedRun extends Finding {
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
  id: key.text('Its id', ({ run }: DiagnosedRun) => run.id),
  name: key.text(
    'Notes of its transfer, else the machines',
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
    'Ended; null while it is not over',
    ({ run }: DiagnosedRun) => (isFinal(statusOf(run)) ? run.updated_at : null),
    { nullable: true },
  ),
  status: key.text('Status', ({ run }: DiagnosedRun) => statusOf(run)),
  outcome: key.text(
    'completed, failed or canceled; null while it is not over',
    ({ run }: DiagnosedRun) => outcomeOf(statusOf(run)),
    { nullable: true },
  ),
  stalled_seconds: key.number(
    'Seconds without any change of a run that stands still',
    ({ stalledSeconds }: DiagnosedRun) => stalledSeconds,
    { nullable: true },
  ),
  all_tasks_done: key.flag(
    'Whether a run that stands still has no task left and will not end by itself; null for others',
    ({ areAllTasksDone }: DiagnosedRun) => areAllTasksDone,
    { nullable: true },
  ),
  is_newest: key.flag(
    'Whether no later run of its kind exists; null when that was not looked at',
    ({ isNewest }: DiagnosedRun) => isNewest,
    { nullable: true },
  ),
  completed_since: key.text(
    'Id of a later run of its kind that completed; null without one',
    ({ completedSince }: DiagnosedRun) => completedSince,
    { nullable: true },
  ),
  summary: key.text('The finding in one or two sentences', { untrusted: true }),
  cause: key.object(
    'What failed first; null when nothing did or nothing tells',
    {
      instance: key.text('Machine', ({ task }: FirstFailure) => task && quoteText(task.instance, 200), {
        nullable: true,
        untrusted: true,
      }),
      task_type: key.text('Task', ({ task }: FirstFailure) => task?.task_type, { nullable: true }),
      side: key.text(
        'Where to look: source, destination, both or guest',
        ({ task }: FirstFailure) => task && sideOfTaskType(task.task_type),
        { nullable: true },
      ),
      message: key.text('The error in the words of provider or guest', { untrusted: true }),
    },
    ({ failure }: DiagnosedRun) => failure,
    { nullable: true },
  ),
  known_error: key.object(
    'What the catalogue of known errors says; null when it does not know the text',
    {
      id: key.text('Name of the entry'),
      title: key.text('What it is; also in the summary', { redundant: true }),
      explanation: key.text('Why it happens', ({ cause }: KnownError) => cause),
      remedy: key.text('What to do; also the first of the next steps', { redundant: true }),
      retry: key.text('yes, after_fix or no'),
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
    'What the failing task said last',
    {
      last_event: key.text('Last warning or error', ({ lastEvent }: Finding) => lastEvent, {
        nullable: true,
        untrusted: true,
      }),
      last_progress: key.text('Last progress message', ({ lastProgress }: Finding) => lastProgress, {
        nullable: true,
        untrusted: true,
      }),
    },
    (finding: DiagnosedRun) => finding,
  ),
  follow_ups: key.texts(
    'What failed or was not done in consequence',
    ({ followUps = [] }: DiagnosedRun) => followUps,
    { untrusted: true },
  ),
  leftovers: key.texts(
    'What may have stayed on the platforms',
    ({ leftovers = [] }: DiagnosedRun) => leftovers,
    { untrusted: true },
  ),
  next_steps: key.texts('What to do, in this order', ({ nextSteps }: DiagnosedRun) => nextSteps),
});

/** Diagnosis of a run in the form of the result. */
export type Diagnosis = ResultOf<typeof diagnosisView>;
