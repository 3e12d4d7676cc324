import type { ApiClient } from '../api/api-client';
import type { Coriolis } from '../api/operation-context';
import { asError } from '../api/errors';
import { tolerateErrors } from '../api/tolerate-errors';
import { medianDeploymentSeconds, medianSecondsOfSameSyncKind } from '../model/run-statistics';
import { MIN_STALL_SECONDS, computeStallFacts, type StallFacts } from '../model/stall-facts';
import type { Deployment, Execution } from '../model/api-objects';
import { fetchNewestExecutions } from '../resources/execution';
import { fetchPaged } from '../requests/object-requests';

/** Number of earlier executions of its transfer that an execution is compared with. */
const COMPARED_EXECUTIONS = 10;
/** Maximum number of cached runs for each client. */
const MAX_REMEMBERED = 2000;

/** Usual durations in seconds by run id, for each client. Earlier runs do not change while a later one is running. */
const memory = new WeakMap<ApiClient, Map<string, Promise<number | null>>>();

/** Number of the newest deployments of all transfers that a deployment is compared with. */
const COMPARED_DEPLOYMENTS = 100;

/**
 * Finds the median duration of similar earlier runs, in seconds; null when there are none. It is read once for each
 * run.
 */
export async function fetchMedianRunSeconds(
  coriolis: Coriolis,
  run: Execution | Deployment,
): Promise<number | null> {
  const { withoutDefaults } = coriolis.client;
  const known = memory.get(withoutDefaults) ?? new Map<string, Promise<number | null>>();
  memory.set(withoutDefaults, known);
  if (known.size >= MAX_REMEMBERED) known.clear();
  const answer = known.get(run.id) ?? readUsualSeconds(coriolis, run);
  known.set(run.id, answer);
  try {
    return await tolerateErrors(answer, ['not_found', 'forbidden'], null);
  } catch (error) {
    known.delete(run.id);
    throw asError(error);
  }
}

async function readUsualSeconds(coriolis: Coriolis, run: Execution | Deployment): Promise<number | null> {
  if ('action_id' in run) {
    return medianSecondsOfSameSyncKind(
      run,
      await fetchNewestExecutions(coriolis, run.action_id, COMPARED_EXECUTIONS),
    );
  }
  const deployments: Deployment[] = [];
  for await (const one of fetchPaged(coriolis, 'deployment', [], { limit: COMPARED_DEPLOYMENTS }))
    deployments.push(one);
  return medianDeploymentSeconds(run, deployments);
}

/** Facts that show whether a run is stalled, with the usual duration of such runs. */
export type StallWithUsualDuration = StallFacts & { readonly usual_seconds: number | null };

/**
 * Determines whether a run is stalled. Earlier runs are read only when the time without progress is so long that the
 * usual duration decides.
 *
 * @param now milliseconds since 1970, the server's clock
 */
export async function fetchStallFacts(
  coriolis: Coriolis,
  run: Execution | Deployment,
  now: number,
): Promise<StallWithUsualDuration> {
  const facts = computeStallFacts(run, now, null);
  if (facts.stalled_seconds === null || facts.stalled_seconds < MIN_STALL_SECONDS) {
    return { ...facts, usual_seconds: null };
  }
  const usual = await fetchMedianRunSeconds(coriolis, run);
  return { ...computeStallFacts(run, now, usual), usual_seconds: usual };
}
