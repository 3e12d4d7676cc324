import { PlatformCapability, SCHEMA_KEY_BY_CAPABILITY } from '../../platforms/platform';
import type { Platform } from '../../platforms/platform';
import { findConnectionProblem } from '../../platforms/connection-problem';
import type { Endpoint, Owner } from '../model';
import { isJsonObject } from '../../json-object';
import type { JsonObject } from '../../json-object';
import { pythonStr } from '../../python/value-texts';
import { NAME_COLUMN, requireLockableId, toSqlText, toStoredText } from '../database-values';
import type { TextColumn } from '../database-values';
import { isPythonTruthy } from '../../python/value-operations';
import { parseMappedRegionIds } from '../installation/regions';
import { ApiError, internalError, notFound, notFoundWithClassName } from '../api-error';
import { findSchemaProblem } from '../../python/schema-check';
import { requirePlatformWithWorker } from '../installation/workers';
import type { World } from '../world';

/** Seconds after which the server gives up waiting for a worker's answer (docs/reference/coriolis-api.md §1.9). */
export const RPC_TIMEOUT_SECONDS = 60;

/** Values of an endpoint as a request gave them. The server does not check them, so they have any type. */
export interface EndpointFields {
  readonly name: unknown;
  readonly type: unknown;
  readonly connectionInfo: unknown;
  readonly description: unknown;
  readonly mappedRegions: unknown;
}

const ENDPOINT_DESCRIPTION: TextColumn = { nullable: true };

/** Stores an endpoint; nothing about it is verified (docs/reference/coriolis-api.md §6.2). */
export function createEndpoint(world: World, owner: Owner, fields: EndpointFields): Endpoint {
  const id = world.makeId();
  const stored = {
    type: toStoredText(fields.type, NAME_COLUMN) ?? '',
    name: toStoredText(fields.name, NAME_COLUMN) ?? '',
    description: toStoredText(fields.description, ENDPOINT_DESCRIPTION),
    connectionInfo: fields.connectionInfo,
  };
  const mappedRegions = isPythonTruthy(fields.mappedRegions)
    ? parseMappedRegionIds(world, fields.mappedRegions, `endpoint '${id}'`)
    : [];
  return world.endpoints.add({
    ...stored,
    id,
    projectId: owner.projectId,
    userId: owner.userId,
    mappedRegions,
    createdAt: world.serverSeconds(),
    updatedAt: null,
    deletedAt: null,
  });
}

/** Finds an endpoint of a project, unless deleted. */
export function findEndpoint(world: World, projectId: string, id: unknown): Endpoint | undefined {
  const endpoint = world.endpoints.get(toSqlText(id));
  return endpoint?.projectId === projectId && endpoint.deletedAt === null ? endpoint : undefined;
}

export function requireEndpoint(world: World, projectId: string, id: string): Endpoint {
  const endpoint = findEndpoint(world, projectId, requireLockableId(id));
  if (!endpoint) throw notFoundWithClassName(`Endpoint with ID '${id}' not found.`);
  return endpoint;
}

/** Updates an endpoint. `mapped_regions` replaces the regions, unless it is null. */
export function updateEndpoint(world: World, projectId: string, id: string, changes: JsonObject): Endpoint {
  const endpoint = findEndpoint(world, projectId, requireLockableId(id));
  if (!endpoint) throw notFoundWithClassName(`Endpoint with ID '${id}' found`);
  const { mapped_regions: regions = null } = changes;
  const mappedRegions =
    regions === null ? undefined : parseMappedRegionIds(world, regions, `endpoint '${id}'`);
  const stored: Partial<Endpoint> = {
    ...('name' in changes && { name: toStoredText(changes['name'], NAME_COLUMN) ?? '' }),
    ...('description' in changes && {
      description: toStoredText(changes['description'], ENDPOINT_DESCRIPTION),
    }),
    ...('connection_info' in changes && { connectionInfo: changes['connection_info'] }),
    ...(mappedRegions && { mappedRegions }),
  };
  return Object.assign(endpoint, stored, { updatedAt: world.serverSeconds() });
}

export function deleteEndpoint(world: World, projectId: string, id: string): void {
  const endpoint = findEndpoint(world, projectId, requireLockableId(id));
  if (!endpoint) throw notFound('0 Endpoint entries were soft deleted');
  const users = world.transfers
    .ofProject(projectId)
    .filter(
      (transfer) =>
        transfer.deletedAt === null &&
        (transfer.originEndpointId === id || transfer.destinationEndpointId === id),
    ).length;
  if (users > 0) throw new ApiError('forbidden', `${users} transfers would be orphaned!`);
  endpoint.deletedAt = world.serverSeconds();
  endpoint.mappedRegions = [];
}

/** Result of `validate-connection`. A failure is a result, not an error. */
export function validateConnection(
  world: World,
  endpoint: Endpoint,
): { valid: boolean; message: string | null } {
  const platform = requirePlatformWithWorker(world, endpoint, PlatformCapability.ENDPOINT);
  const schema = platform.schemas[PlatformCapability.ENDPOINT];
  if (schema && findSchemaProblem(schema, endpoint.connectionInfo) !== null) {
    const message =
      'Schema validation for the provided connection parameters has failed. Please ensure that you have included all the necessary ' +
      `connection parameters and they are all properly formatted for the '${endpoint.type}' Coriolis plugin in use.`;
    return { valid: false, message };
  }
  const problem = findConnectionProblem(connectionData(endpoint));
  if (!problem) return { valid: true, message: null };
  const { isShownToCaller: safe, message } = problem;
  return {
    valid: false,
    message: safe ? message : `An unexpected connection validation exception ocurred: ${message}`,
  };
}

/** Connects to the platform of an endpoint, for an operation that needs a capability. */
export function connectToPlatform(world: World, endpoint: Endpoint, type: number): Platform {
  const platform = requirePlatformWithWorker(world, endpoint, type);
  const problem = findConnectionProblem(connectionData(endpoint));
  if (problem?.isShownToCaller)
    throw internalError(`ConnectionValidationException_Remote: ${problem.message}`);
  if (problem) throw internalError();
  return platform;
}

/**
 * Response time of an endpoint's platform in seconds. A host whose name begins with `slow` does not answer before
 * {@link RPC_TIMEOUT_SECONDS}.
 */
export function computePlatformResponseSeconds(endpoint: Endpoint): number {
  return pythonStr(connectionData(endpoint)['host'] ?? '').startsWith('slow') ? RPC_TIMEOUT_SECONDS : 0;
}

/** The schemas of a platform for one capability, as `GET /providers/{platform}/schemas/{type}` shows them. */
export function requireProviderSchemas(world: World, platformName: string, type: number): JsonObject {
  const platform = world.platform(platformName);
  if (!platform?.capabilityCodes.includes(type)) {
    throw notFoundWithClassName(`Provider not found for: ${platformName}, ${type}`);
  }
  const schema = platform.schemas[type];
  const name = SCHEMA_KEY_BY_CAPABILITY[type];
  return schema && name ? { [name]: schema } : {};
}

/** Connection data of an endpoint; empty when it was stored with another type. */
function connectionData({ connectionInfo }: Endpoint): JsonObject {
  return isJsonObject(connectionInfo) ? connectionInfo : {};
}
