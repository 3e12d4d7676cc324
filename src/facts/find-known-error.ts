import type { Coriolis } from '../api/operation-context';
import type { Execution, Deployment, TransferOrDeployment } from '../model/api-objects';
import { errorOfCause, findFailureCause } from '../model/failed-task';
import {
  dependsOnPlatform,
  matchKnownError,
  type KnownError,
  type ObservedError,
} from '../model/known-errors/match-known-error';
import { fetchEndpointTypes } from './endpoint-names';

/** Ids of the endpoints of a transfer, deployment, pool or event; null for one that it does not have. */
export type EndpointIds = {
  readonly [Key in keyof Pick<TransferOrDeployment, 'origin_endpoint_id' | 'destination_endpoint_id'>]:
    string | null;
};

/**
 * Finds the known error of an error: the first entry that its platforms can have, in words for them. Reads the list of
 * endpoints, unless it is cached, and only when the platforms matter. Where they cannot be read, any entry counts.
 * @param endpoints endpoints of the error; undefined when they are not known
 */
export async function findKnownError(
  coriolis: Coriolis,
  error: ObservedError,
  endpoints: EndpointIds | undefined,
): Promise<KnownError | undefined> {
  const known = matchKnownError(error, undefined);
  if (known === undefined || endpoints === undefined || !dependsOnPlatform(known)) return known;
  return matchKnownError(error, await findPlatforms(coriolis, endpoints));
}

/** Types of all the endpoints; undefined when there is none, or when the type of one is not known. */
async function findPlatforms(
  coriolis: Coriolis,
  { origin_endpoint_id: origin, destination_endpoint_id: destination }: EndpointIds,
): Promise<readonly string[] | undefined> {
  const ids = [origin, destination].filter((id) => id !== null);
  if (ids.length === 0) return undefined;
  const types = await fetchEndpointTypes(coriolis, ids);
  const found = ids.flatMap((id) => types.get(id) ?? []);
  return found.length === ids.length ? found : undefined;
}

/** Finds the known error of the task that explains the failure of a run; undefined when none matches. */
export async function findKnownErrorOfRun(
  coriolis: Coriolis,
  run: Execution | Deployment | undefined,
  endpoints: EndpointIds,
): Promise<KnownError | undefined> {
  const cause = findFailureCause(run?.tasks ?? []);
  const error = cause && errorOfCause(cause);
  return error === null ? undefined : await findKnownError(coriolis, error, endpoints);
}
