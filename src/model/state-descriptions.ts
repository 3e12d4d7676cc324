import { formatServerTime } from './display-texts';
import type { LastCopyFacts } from './last-copy';
import { outcomeOf, statusLabelOf } from './status';
import { describeSeconds } from './timestamps';

/** State of an execution or deployment, with the keys of operations' results. Times are ISO 8601, durations seconds. */
export interface DescribedRun {
  readonly status: string;
  readonly finished_at?: string | null | undefined;
  readonly duration_seconds?: number | null | undefined;
  readonly percent?: number | null | undefined;
  readonly eta_seconds?: number | null | undefined;
  readonly stalled_seconds?: number | null | undefined;
  readonly all_tasks_ended?: boolean | null | undefined;
  readonly failure?: {
    readonly instance: string;
    readonly task_type: string;
    readonly message: string;
  } | null;
}

const VERBS: Readonly<Record<string, string>> = {
  completed: 'completed',
  failed: 'failed',
  canceled: 'was canceled',
};

/** Verb for an outcome in a sentence: "was canceled" for `canceled`. */
export const outcomeVerbOf = (outcome: string): string => VERBS[outcome] ?? outcome;

/**
 * Describes the state of an execution or deployment as the end of a sentence: "completed on 2026-11-22 15:44 UTC after
 * 22 min", "is running, 41 %, about 5 min left". For a failure it adds the error text of the platform.
 */
export function describeRunState(run: DescribedRun): string {
  const outcome = outcomeOf(run.status);
  if (outcome === undefined) return describeWork(run);
  const { finished_at: end, duration_seconds: duration, failure } = run;
  const words = [
    outcomeVerbOf(outcome),
    ...(end ? [`on ${formatServerTime(end)}`] : []),
    ...(typeof duration === 'number' ? [`after ${describeSeconds(duration)}`] : []),
  ].join(' ');
  return failure ? `${words}: ${failure.task_type} of ${failure.instance}: ${failure.message}` : words;
}

const describeWork = (run: DescribedRun): string =>
  [`is ${statusLabelOf(run.status).toLowerCase()}`, ...describeProgressParts(run)].join(', ');

/** Describes progress before the end, as parts of a sentence: "41 %", "about 5 min left". */
export const describeProgressParts = ({
  percent,
  eta_seconds: eta,
  stalled_seconds: stalled,
  all_tasks_ended: haveAllEnded,
}: Omit<DescribedRun, 'status'>): readonly string[] => [
  ...(typeof percent === 'number' ? [`${percent} %`] : []),
  ...(haveAllEnded === true ? ['all its tasks have ended'] : []),
  ...(typeof stalled === 'number' ? [`without any change for ${describeSeconds(stalled)}`] : []),
  ...(typeof eta === 'number' && eta > 0 ? [`about ${describeSeconds(eta)} left`] : []),
];

const NO_COPY: Readonly<Record<string, string>> = {
  never_synced: 'no usable copy, because no sync has completed',
  disks_deleted: 'no usable copy, because its disks were deleted',
  deployed_without_clones: 'no usable copy, because a deployment took its disks',
};

/** Describes the last usable copy as the end of a sentence; empty when the copy was not looked up. */
export function describeCopy({
  last_copy_at: at,
  last_copy_age_seconds: age,
  no_copy_reason: reason,
}: Partial<LastCopyFacts>): string {
  if (at)
    return `last usable copy of ${formatServerTime(at)}${typeof age === 'number' ? `, ${describeSeconds(age)} old` : ''}`;
  return NO_COPY[reason ?? ''] ?? '';
}

/** Deployments of a transfer, with the keys of operations' results. */
export interface DescribedDeployments {
  readonly deployments?: readonly DescribedDeployment[] | null | undefined;
  readonly all_deployments_read?: boolean | undefined;
}

interface DescribedDeployment extends DescribedRun {
  readonly id: string;
  readonly deployed_machines?: ReadonlyArray<{ readonly instance: string; readonly id: string }> | null;
}

/** Maximum number of new machines that a sentence names. */
const NAMED_MACHINES = 3;

/**
 * Describes the newest deployment of a transfer, and the newest completed one, as the end of a sentence; empty when the
 * deployments were not looked up.
 * @param withNames whether ids and the names of the new machines are shown, which users and providers wrote
 */
export function describeDeployments(
  { deployments, all_deployments_read: areAllRead }: DescribedDeployments,
  withNames: boolean,
): string {
  if (!Array.isArray(deployments)) return '';
  const [newest, ...older] = deployments as readonly DescribedDeployment[];
  if (newest === undefined) return areAllRead === true ? 'no deployment' : 'no recent deployment';
  const completed = older.find(({ status }) => outcomeOf(status) === 'completed');
  const named = (of: string, one: DescribedDeployment): string =>
    `${of} deployment ${withNames ? `${one.id} ` : ''}${describeRunState(one)}${withNames ? newMachines(one) : ''}`;
  return outcomeOf(newest.status) === 'completed' || completed === undefined
    ? named('newest', newest)
    : `${named('newest', newest)}, ${named('an earlier', completed)}`;
}

/** New machines with their ids: " (web-01 is i-1)"; empty when none is known. */
function newMachines({ deployed_machines: machines }: DescribedDeployment): string {
  const all = machines ?? [];
  if (all.length === 0) return '';
  const shown = all.slice(0, NAMED_MACHINES).map(({ instance, id }) => `${instance} is ${id}`);
  const more = all.length > shown.length ? [`${all.length - shown.length} more`] : [];
  return ` (${[...shown, ...more].join(', ')})`;
}
