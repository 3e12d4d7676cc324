import type { Coriolis } from '../api/operation-context';
import { tolerateErrors } from '../api/tolerate-errors';
import type { Deployment, Execution } from '../model/api-objects';
import { findPoolFailure } from '../waiting/find-pool-failure';
import { fetchDeploymentRun, findReasonNotStarted } from '../waiting/fetch-run';
import type { EventDraft } from './event-view';
import { makeFailedTaskExplanation, makePoolExplanation, withExplanation } from './event-parts';

/**
 * Adds the failed task to the event of a failed deployment. Costs requests, since lists show deployments without tasks.
 */
export async function fetchAndAddDeploymentFailure(
  coriolis: Coriolis,
  event: EventDraft,
): Promise<EventDraft> {
  if (event.outcome !== 'failed' || event.deployment_id === null) return event;
  const look = await tolerateErrors(fetchDeploymentRun(coriolis, event.deployment_id), ['not_found'], null);
  if (look === null) return event;
  const reason = findReasonNotStarted(look);
  if (reason !== undefined) return { ...event, reason, summary: `${event.summary} ${reason}` };
  const own = makeFailedTaskExplanation(look.run.tasks ?? []);
  const explanation = own.failure === null ? makeFailedTaskExplanation(look.deployer?.tasks ?? []) : own;
  return explanation.failure === null
    ? await fetchAndAddAllocationFailure(coriolis, event, look.run)
    : withExplanation(event, explanation);
}

/**
 * Adds the error of the minion pools to the event of a run that got no machines from them. Such a run has no failed
 * task that could explain it.
 */
export async function fetchAndAddAllocationFailure(
  coriolis: Coriolis,
  event: EventDraft,
  run: Execution | Deployment | null,
): Promise<EventDraft> {
  if (event.status !== 'ERROR_ALLOCATING_MINIONS' || run === null) return event;
  const text = await findPoolFailure(coriolis, run);
  return text === null ? event : withExplanation(event, makePoolExplanation(event.instances, text));
}
