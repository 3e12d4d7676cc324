import type { FailureCause } from '../../model/failed-task';
import type { KnownError } from '../../model/known-errors/match-known-error';
import { isActive, purposeOf, statusOf } from '../../model/status';
import type { Deployment, Execution } from '../../model/api-objects';
import type { NextCall } from '../../vocabulary/next-call';
import { findFailedCleanups } from './failure-consequences';
import type { Diagnosis } from './diagnosed-run';

/** Facts about a failed run that decide the next steps. */
interface FailureFacts {
  readonly run: Execution | Deployment;
  readonly cause: FailureCause | null;
  readonly known: KnownError | undefined;
  readonly leftovers: readonly string[];
}

/**
 * Describes the steps after a failed run, in order: the remedy, the leftovers, whether and how to start again
 * (docs/reference/known-errors.md §1.4). The steps never quote the error text, because others wrote it.
 */
export function describeNextSteps({ run, cause, known, leftovers }: FailureFacts): readonly string[] {
  const steps: string[] = [];
  if (cause?.kind === 'canceled') {
    steps.push('Ask who canceled it. If nobody did, read the log of the worker: its process died.');
  } else if (known === undefined) {
    steps.push(
      'Read the log of the worker around the end of the failing task: the error is not a known one.',
    );
  } else {
    steps.push(known.remedy);
  }
  if (leftovers.length > 0) steps.push('Clean up what was left behind before anything is started again.');
  steps.push(retryStep({ run, cause, known }));
  return steps;
}

/**
 * Suggested calls after a diagnosis: a preflight when the run has failed and may be repeated; a wait when it is
 * running; a cancellation too when it is stalled.
 */
export function callsAfterDiagnosis(diagnosis: Diagnosis): readonly NextCall[] {
  const { outcome, kind, transfer_id: transferId, known_error: known, completed_since: since } = diagnosis;
  if (outcome === null) return callsWhileRunning(diagnosis);
  if (outcome !== 'failed' || transferId === null || known?.retry === 'no' || since !== null) return [];
  const purpose = kind === 'deployment' ? 'deployment' : 'execution';
  return [{ operation: 'transfer.preflight', input: { transferId, purpose } }];
}

function callsWhileRunning(diagnosis: Diagnosis): readonly NextCall[] {
  const { kind, id, transfer_id: transferId, status, stalled_seconds: stalled } = diagnosis;
  if (!isActive(status) && status !== 'PENDING') return [];
  const input = kind === 'deployment' ? { deploymentId: id } : { transferId, executionId: id };
  const wait = { operation: `${kind}.wait`, input };
  if (stalled === null) return [wait];
  // A deployment that still waits for its execution cannot be canceled.
  const cancel = status === 'PENDING' ? [] : [{ operation: `${kind}.cancel`, input }];
  return diagnosis.all_tasks_done === true ? cancel : [wait, ...cancel];
}

function retryStep({ run, cause, known }: Omit<FailureFacts, 'leftovers'>): string {
  const again = startAgain(run, known);
  if (statusOf(run) === 'CANCELED_FOR_DEBUGGING' || findFailedCleanups(run.tasks ?? []).length > 0) {
    return `Do not retry before the leftovers are gone; then ${again}.`;
  }
  if (known === undefined || cause?.kind === 'canceled') {
    return `Once the cause is clear, ${again}, while no other run of the transfer is active.`;
  }
  switch (known.retry) {
    case 'yes':
      return `A retry without changes may help: after a pause, at most twice, ${again}.`;
    case 'after_fix':
      return `After the remedy, ${again}, while no other run of the transfer is active.`;
    case 'no':
      return 'Do not just repeat it: the same call cannot help, or can do harm.';
  }
}

/**
 * Advice on starting again, as a clause for the middle of a sentence. When the error is in the guest or the source
 * machine, a deployment needs a new sync first.
 */
function startAgain(run: Execution | Deployment, known: KnownError | undefined): string {
  if ('transfer_id' in run) {
    if (run.transfer_id === null) return 'migrate the machine again: a migration that failed keeps nothing';
    const inSource = known?.category === 'source VM' || known?.category === 'guest OS/morphing';
    return inSource
      ? 'execute the transfer (if something changed in the guest), wait for COMPLETED, and deploy again'
      : 'deploy again; no new sync is needed';
  }
  switch (purposeOf(run.type)) {
    case 'update':
      return 'update the transfer again';
    case 'disks_delete':
      return "delete the transfer's disks again";
    default:
      return 'execute the transfer again';
  }
}

/** Suggested call that diagnoses a failed execution or deployment. */
export const makeDiagnosisCall = (kind: string, id: string, executionId: string | null): NextCall =>
  kind === 'deployment'
    ? { operation: 'deployment.diagnose', input: { deploymentId: id } }
    : { operation: 'execution.diagnose', input: { transferId: id, ...(executionId && { executionId }) } };
