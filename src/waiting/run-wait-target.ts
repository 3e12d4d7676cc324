import type { Coriolis } from '../api/operation-context';
import type { DiskSizes } from '../model/disk-sizes';
import { fetchOne } from '../requests/object-requests';
import { fetchStallFacts, type StallWithUsualDuration } from '../facts/fetch-stall-facts';
import { fetchDiskSizes } from '../facts/run-disk-sizes';
import { formatExecutionTypeAndNumber, displayNameOf } from '../model/display-texts';
import { findTaskFailure } from '../model/failed-task';
import { computeProgress, type Progress } from '../model/run-progress';
import { isFinal, outcomeOf, statusLabelOf, statusOf } from '../model/status';
import { parseServerTime } from '../model/timestamps';
import type { Deployment, Execution } from '../model/api-objects';
import { fetchRun, findReasonNotStarted, type FetchedRun, type RunRef } from './fetch-run';
import { pollOrShare } from './poll-or-share';
import {
  RUN_OUTCOME_ADVICE,
  ORPHAN_AFTER_MS,
  type TargetSnapshot,
  type WaitTarget,
  type TargetFinalState,
} from './wait-target';

/** Wait target for an execution or a deployment. A direct migration of a legacy server counts as a deployment. */
export const makeRunWaitTarget = (target: RunRef): WaitTarget => ({
  kind: target.kind,
  id: target.kind === 'execution' ? target.executionId : target.deploymentId,
  transferId: target.kind === 'execution' ? target.transferId : null,
  advice: RUN_OUTCOME_ADVICE,
  poll: async (coriolis, earlier, maximumAgeMs) =>
    snapshotOf(
      await pollOrShare(coriolis, keyOf(target), maximumAgeMs, (asking) => fetchSizedRun(asking, target)),
      earlier,
    ),
});

/** Key under which waits share the polls of one run. */
const keyOf = (target: RunRef): string =>
  target.kind === 'execution'
    ? `execution ${target.transferId} ${target.executionId}`
    : `deployment ${target.deploymentId}`;

type SizedRun = FetchedRun & { readonly sizes: DiskSizes; readonly stall: StallWithUsualDuration };

async function fetchSizedRun(coriolis: Coriolis, target: RunRef): Promise<SizedRun> {
  const fetched = await fetchRun(coriolis, target);
  return {
    ...fetched,
    sizes: await fetchDiskSizes(coriolis, fetched.run),
    stall: await fetchStallFacts(coriolis, fetched.run, fetched.date),
  };
}

function snapshotOf(fetched: SizedRun, previous: Progress): TargetSnapshot {
  const { run, date, deployer, sizes, stall } = fetched;
  const status = statusOf(run);
  const progress = computeProgress(run, date, { diskSizes: sizes, previous });
  const failure = findTaskFailure(run.tasks ?? []) ?? findTaskFailure(deployer?.tasks ?? []);
  return {
    date,
    status,
    label: statusLabelOf(status),
    signature: `${signatureOf(run)}#${deployer ? signatureOf(deployer) : ''}`,
    progress: stall.stalled_seconds === null ? progress : { ...progress, eta_seconds: null },
    stall,
    transferId: 'transfer_id' in run ? run.transfer_id : run.action_id,
    machines: machinesOf(run),
    ...('instances' in run ? { name: displayNameOf(run) } : { title: formatExecutionTypeAndNumber(run) }),
    createdAt: run.created_at,
    durationSeconds: durationOf(fetched),
    finalState: finalStateOf(fetched),
    failure: failure?.failedTask ?? null,
    error: failure?.error ?? null,
  };
}

/** Names of the machines of a run. An execution has them in its tasks only. */
const machinesOf = (run: Execution | Deployment): readonly string[] =>
  'instances' in run ? run.instances : [...new Set((run.tasks ?? []).map(({ instance }) => instance))];

/** Text of the fields that change while a run makes progress. Two equal texts mean no progress between two polls. */
function signatureOf(run: Execution | Deployment): string {
  const tasks = (run.tasks ?? []).map(({ status, progress_updates: updates, events }) => {
    const steps = updates.map(({ current_step, updated_at }) => `${current_step}@${updated_at ?? ''}`);
    return `${status} ${events.length} ${steps.join(',')}`;
  });
  return [statusOf(run), run.updated_at ?? '', ...tasks].join('|');
}

function finalStateOf(fetched: FetchedRun): TargetFinalState | undefined {
  const { run, date, deployer } = fetched;
  const status = statusOf(run);
  const outcome = outcomeOf(status);
  if (outcome !== undefined) {
    return {
      outcome,
      reachedAt: parseServerTime(run.updated_at),
      reason: deployer
        ? (findReasonNotStarted(fetched) ?? `The execution that it waited for ended as ${deployer.status}.`)
        : undefined,
    };
  }
  const age = date - (parseServerTime(run.created_at) ?? date);
  if (status === 'UNEXECUTED' && age >= ORPHAN_AFTER_MS) {
    return {
      outcome: 'failed',
      reason: 'It never started: the server refused it after it had made its record. Start a new one.',
    };
  }
  if (status !== 'PENDING' || deployer === undefined || !willNeverStart(deployer, date)) return undefined;
  return {
    outcome: 'failed',
    reason:
      deployer === null
        ? 'The execution that it waits for was deleted, so it will not start. Delete it and deploy again.'
        : `The execution that it waits for ended as ${deployer.status}, so it will not start.`,
  };
}

/** Whether a PENDING deployment will never start: its execution was deleted, or ended without success long ago. */
function willNeverStart(deployer: Execution | null, date: number): boolean {
  if (deployer === null) return true;
  const outcome = outcomeOf(deployer.status);
  if (outcome === undefined || outcome === 'completed') return false;
  return date - (parseServerTime(deployer.updated_at) ?? date) >= ORPHAN_AFTER_MS;
}

function durationOf({ run, date }: FetchedRun): number | null {
  const started = parseServerTime(run.created_at);
  const ended = isFinal(statusOf(run)) ? parseServerTime(run.updated_at) : date;
  return started === null || ended === null ? null : Math.max(0, Math.round((ended - started) / 1000));
}

/** The `completion` hook of operations that start an execution. */
export const executionCompletion = {
  target: ({ id, action_id: transferId }: Execution): WaitTarget =>
    makeRunWaitTarget({ kind: 'execution', transferId, executionId: id }),
  reload: (coriolis: Coriolis, { id, action_id: transferId }: Execution) =>
    fetchOne(coriolis, 'execution', transferId, id),
};
