import type { Coriolis } from '../../api/operation-context';
import type { ErrorText } from '../../model/error-text';
import {
  dependsOnPlatform,
  matchKnownError,
  type ErrorSource,
  type KnownError,
} from '../../model/known-errors';
import type { TransferOrDeployment } from '../../model/api-objects';
import { fetchOptional } from '../../requests/objects';

/**
 * Finds the known error of a text, with the remedy for the platforms of its endpoints.
 * @param action the deployment itself, or the transfer of the execution; undefined when it may not be read
 */
export async function findKnownError(
  coriolis: Coriolis,
  text: ErrorText,
  source: ErrorSource,
  action: TransferOrDeployment | undefined,
): Promise<KnownError | undefined> {
  const known = matchKnownError(text, source);
  if (known === undefined || action === undefined || !dependsOnPlatform(known)) return known;
  const platforms = await fetchPlatforms(coriolis, action);
  return platforms === undefined ? known : matchKnownError(text, { ...source, platforms });
}

/** Types of both endpoints; undefined when one of them cannot be read. */
async function fetchPlatforms(
  coriolis: Coriolis,
  action: TransferOrDeployment,
): Promise<readonly string[] | undefined> {
  const ids = [action.origin_endpoint_id, action.destination_endpoint_id];
  const endpoints = await Promise.all(
    ids.map((id) => fetchOptional(coriolis, 'endpoint', [id], ['not_found', 'forbidden'])),
  );
  const types = endpoints.flatMap((endpoint) => (endpoint === undefined ? [] : [endpoint.type]));
  return types.length === ids.length ? types : undefined;
}
