import type { Platform } from '../../platforms/platform';
import { normaliseId, requireLockableId, toStoredFlag } from '../database-values';
import { pythonRepr, pythonStr } from '../../python/value-texts';
import { parseMappedRegionIds } from './regions';
import { ApiError, internalError, notFound, notFoundWithClassName } from '../api-error';
import { WORKER_HOST } from '../model';
import type { Endpoint, Service } from '../model';
import type { JsonObject } from '../../json-object';
import type { World } from '../world';

const NO_WORKER =
  'No Coriolis Worker Service(s) were found. Please ensure that at least one or Coriolis Worker Service(s) are registered within the Coriolis installation.';
const WORKER_SERVICE_ID = 'bbae2aa9-5c63-481e-a9fe-960df056d8f6';

/** Registers the worker process of a new Coriolis. */
export function addWorker(world: World): void {
  world.services.set(WORKER_SERVICE_ID, {
    id: WORKER_SERVICE_ID,
    host: WORKER_HOST,
    binary: 'coriolis-worker',
    topic: 'coriolis_worker',
    enabled: true,
    status: 'UP',
    mappedRegions: [],
    createdAt: world.serverSeconds(),
    updatedAt: null,
    deletedAt: null,
  });
}

export function listLiveServices(world: World): Service[] {
  return [...world.services.values()].filter(({ deletedAt }) => deletedAt === null);
}

export function requireService(world: World, id: string): Service {
  const service = findService(world, requireLockableId(id));
  if (!service) throw notFoundWithClassName(`Service with ID '${id}' not found.`);
  return service;
}

/** Refuses a second registration of the same host, binary and topic. */
export function refuseSecondRegistration(world: World, host: unknown, binary: unknown, topic: unknown): void {
  if ([host, binary, topic].some((value) => typeof value === 'object' && value !== null))
    throw internalError();
  const known = listLiveServices(world).find(
    (one) => one.host === host && one.binary === binary && one.topic === topic,
  );
  if (!known) return;
  throw new ApiError(
    'conflict',
    `Conflict_Remote: A Service with the specified parameters (host ${pythonStr(host)}, binary ${pythonStr(binary)}, ` +
      `topic ${pythonStr(topic)}) has already been registered under ID: ${known.id}`,
  );
}

/** Updates a service; other keys of the body are ignored. */
export function updateService(world: World, id: string, changes: JsonObject): Service {
  const service = findService(world, requireLockableId(id));
  if (!service) throw notFoundWithClassName(`Service with ID '${id}' does not exist.`);
  const { mapped_regions: regions = null } = changes;
  // The server stores regions in a table of their own, so they do not change the service's `updated_at`. Its text says
  // "serce".
  const mappedRegions = regions === null ? undefined : parseMappedRegionIds(world, regions, `serce '${id}'`);
  const enabled = 'enabled' in changes ? toStoredFlag(changes['enabled']) : service.enabled;
  if (mappedRegions) service.mappedRegions = mappedRegions;
  if (enabled !== service.enabled) {
    service.enabled = enabled;
    service.updatedAt = world.serverSeconds();
  }
  return service;
}

export function deleteService(world: World, id: string): void {
  const service = findService(world, requireLockableId(id));
  if (!service) throw notFound('0 service entries were soft deleted');
  service.deletedAt = world.serverSeconds();
  service.mappedRegions = [];
}

function findService(world: World, id: string): Service | undefined {
  const service = world.services.get(normaliseId(id));
  return service?.deletedAt === null ? service : undefined;
}

/**
 * Finds the platform of an endpoint, provided that a worker may serve the endpoint. The caller gets the same error for
 * a platform without the capability, a disabled worker and a worker in other regions.
 * @param type the capability that is needed (docs/reference/coriolis-api.md §6.1)
 * @throws ApiError 503 with the recorded texts
 */
export function requirePlatformWithWorker(world: World, endpoint: Endpoint, type: number): Platform {
  const { mappedRegions: regions } = endpoint;
  const services = listLiveServices(world);
  if (services.length === 0) throw unavailableWithClassName('NoWorkerServiceError', NO_WORKER);
  if (regions.length > 0 && !regions.some((id) => world.regions.get(id)?.enabled)) {
    throw unavailableWithClassName(
      'NoSuitableRegionError',
      `None of the selected Regions (${pythonRepr(regions)}) are enabled or otherwise usable.`,
    );
  }
  const platform = world.platform(endpoint.type);
  const suitable = services.some(
    (service) =>
      service.enabled &&
      (regions.length === 0 || service.mappedRegions.some((region) => regions.includes(region))),
  );
  if (suitable && platform?.capabilityCodes.includes(type)) return platform;
  const filters = [
    '<EnabledFilter(enabled=True)>',
    ...(regions.length > 0 ? [`<RegionsFilter(regions=${pythonRepr(regions)}, any_region=True)>`] : []),
    `<ProviderTypesFilter(provider_requirements={'${endpoint.type}': [${type}]})>`,
  ];
  throw unavailableWithClassName(
    'NoSuitableWorkerServiceError',
    `None of the inspected Coriolis Worker services (IDs ${pythonRepr(services.map(({ id }) => id))}) matched the requested filtering ` +
      `criteria (minimum score 1) for the following required filters: [${filters.join(', ')}]`,
  );
}

/** Whether some worker may serve an endpoint. */
export function hasWorker(world: World, endpoint: Endpoint, type: number): boolean {
  try {
    requirePlatformWithWorker(world, endpoint, type);
    return true;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return false;
  }
}

/** Schema for a part of a request body, if the platform has one. @throws ApiError as {@link requirePlatformWithWorker} */
export function schemaOfBodyPart(world: World, endpoint: Endpoint, type: number): JsonObject | undefined {
  return requirePlatformWithWorker(world, endpoint, type).schemas[type];
}

/** 503 that names the class of the server's exception, which came over the message queue. */
export function unavailableWithClassName(exception: string, message: string): ApiError {
  return new ApiError('unavailable', `${exception}_Remote: ${message}`);
}
