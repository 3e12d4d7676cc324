import type { ApiClient } from '../api/api-client';
import type { Coriolis } from '../api/coriolis';
import { asError } from '../api/errors';
import { tolerate } from '../api/tolerate';
import { usualSecondsLike } from '../model/history';
import { MIN_STALL_SECONDS, computeStallFacts, type StallFacts } from '../model/stall';
import type { Deployment, Execution } from '../model/types';
import { latestExecutions } from './execution';

/** Number of earlier executions that a run is compared with. */
const COMPARED_EXECUTIONS = 10;
const MAX_REMEMBERED = 2000;

/** Usual durations by run, for each client. Earlier runs do not change during a run. */
const memory = new WeakMap<ApiClient, Map<string, Promise<number | null>>>();

async function usualSecondsOf(coriolis: Coriolis, run: Execution): Promise<number | null> {
  const { origin } = coriolis.client;
  const known = memory.get(origin) ?? new Map<string, Promise<number | null>>();
  memory.set(origin, known);
  if (known.size >= MAX_REMEMBERED) known.clear();
  const answer =
    known.get(run.id) ??
    latestExecutions(coriolis, run.action_id, COMPARED_EXECUTIONS).then((all) => usualSecondsLike(run, all));
  known.set(run.id, answer);
  try {
    return await tolerate(answer, ['not_found', 'forbidden'], null);
  } catch (error) {
    known.delete(run.id);
    throw asError(error);
  }
}

/** Facts about a run that may be stuck, with the usual duration of such runs. */
export type StallWithUsualDuration = StallFacts & { readonly usual_seconds: number | null };

/**
 * Determines whether a run is stalled. Earlier executions are read once for each run, and only when the time without
 * progress is so long that the usual duration decides. Deployments are not compared with earlier ones, because the
 * server lists deployments only for all transfers together.
 *
 * @param now milliseconds since 1970, the server's clock
 */
export async function computeStallByHistory(
  coriolis: Coriolis,
  run: Execution | Deployment,
  now: number,
): Promise<StallWithUsualDuration> {
  const facts = computeStallFacts(run, now, null);
  if (facts.stalled_seconds === null || facts.stalled_seconds < MIN_STALL_SECONDS || !('action_id' in run)) {
    return { ...facts, usual_seconds: null };
  }
  const usual = await usualSecondsOf(coriolis, run);
  return { ...computeStallFacts(run, now, usual), usual_seconds: usual };
}
