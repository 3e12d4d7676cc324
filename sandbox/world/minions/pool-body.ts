import { ProviderType } from '../../platforms/platform';
import { findEndpoint } from '../endpoints/endpoints';
import { OS_TYPES } from '../model';
import type { Owner } from '../model';
import type { JsonObject } from '../../json';
import type { MinionPool, PoolFields, PoolPlatform, RetentionStrategy } from './model';
import { pythonRepr, pythonText } from '../../python/text';
import { internalError, invalidInput } from '../refusal';
import { schemaProblem } from '../../python/schema-check';
import { schemaForBody } from '../installation/workers';
import type { World } from '../world';

const PLATFORMS: readonly PoolPlatform[] = ['source', 'destination'];
const STRATEGIES: readonly RetentionStrategy[] = ['delete', 'poweroff'];

/**
 * Reads the `minion_pool` object of a creation request, checking it in the order of the real server (coriolis-api.md §6.6).
 * @throws Refusal 400 or 500 with the recorded texts
 */
export function readNewPool(world: World, owner: Owner, body: JsonObject): PoolFields {
  const { name, endpoint_id: endpointId, environment_options: options, notes = null } = body;
  const osType = readOsType(body['os_type']);
  const platform = PLATFORMS.find((one) => one === body['platform']);
  if (!platform) {
    throw invalidInput(
      `The provided pool platform ('${pythonText(body['platform'])}') is invalid. Must be one of the following: ${pythonRepr(PLATFORMS)}`,
    );
  }
  if (platform === 'source' && osType !== 'linux') {
    throw invalidInput(`Source Minion Pools are required to be of OS type 'linux', not '${osType}'.`);
  }
  const environmentOptions = readOptions(world, owner, { endpointId, platform, options });
  const minimum = body['minimum_minions'] ?? 1;
  const numbers = readNumbers({
    minimum,
    maximum: body['maximum_minions'] ?? minimum,
    idleTime: body['minion_max_idle_time'] ?? 1,
  });
  return {
    name: readText(name),
    notes: notes === null ? null : readText(notes),
    endpointId: String(endpointId),
    platform,
    osType,
    environmentOptions,
    ...numbers,
    retentionStrategy: readStrategy(
      body['minion_retention_strategy'] === undefined ? 'delete' : body['minion_retention_strategy'],
    ),
  };
}

/** Refuses what can never be changed about a pool, before it is even looked for. */
export function refuseFixedPoolFields(body: JsonObject): void {
  const fixed = ['endpoint_id', 'platform'].find((field) => field in body);
  if (fixed !== undefined) throw invalidInput(`The '${fixed}' of a minion pool cannot be updated.`);
  if ('minion_retention_strategy' in body) readStrategy(body['minion_retention_strategy']);
}

/** Whether an update says something that can only be checked with the pool at hand: then an unknown pool is a 400, not a 404. */
export function needsPool(body: JsonObject): boolean {
  return ['environment_options', 'minimum_minions', 'maximum_minions', 'minion_max_idle_time'].some(
    (field) => field in body,
  );
}

/** Reads the `minion_pool` object of an update request: the values that the pool will have. */
export function readPoolChanges(
  world: World,
  pool: MinionPool,
  body: JsonObject,
): Partial<Omit<PoolFields, 'endpointId' | 'platform'>> {
  const { name, notes, os_type: osType, environment_options: options } = body;
  const numbers = needsPool(body)
    ? readNumbers({
        minimum: body['minimum_minions'] ?? pool.minimumMinions,
        maximum: body['maximum_minions'] ?? pool.maximumMinions,
        idleTime: body['minion_max_idle_time'] ?? pool.minionMaxIdleTime,
      })
    : {};
  const { endpointId, platform } = pool;
  return {
    ...numbers,
    ...(name === undefined ? {} : { name: readText(name) }),
    ...(notes === undefined ? {} : { notes: notes === null ? null : readText(notes) }),
    ...(osType === undefined ? {} : { osType: readText(osType) }),
    ...(options === undefined
      ? {}
      : { environmentOptions: readOptions(world, pool, { endpointId, platform, options }) }),
    ...('minion_retention_strategy' in body
      ? { retentionStrategy: readStrategy(body['minion_retention_strategy']) }
      : {}),
  };
}

function readOsType(value: unknown): string {
  if (typeof value === 'string' && OS_TYPES.includes(value)) return value;
  throw invalidInput(
    `The provided pool OS type '${pythonText(value)}' is invalid. Must be one of the following: ${pythonRepr(OS_TYPES)}`,
  );
}

/** Ids inside a body that are unknown give 400, not 404. */
function readOptions(
  world: World,
  owner: Owner,
  given: { endpointId: unknown; platform: PoolPlatform; options: unknown },
): JsonObject {
  const { platform, options } = given;
  const endpoint = findEndpoint(world, owner.projectId, given.endpointId);
  if (!endpoint) throw invalidInput(`Endpoint with ID '${pythonText(given.endpointId)}' not found.`);
  const type = platform === 'source' ? ProviderType.SOURCE_MINION_POOL : ProviderType.DESTINATION_MINION_POOL;
  const schema = schemaForBody(world, endpoint, type);
  const problem = schema ? schemaProblem(schema, options) : null;
  if (problem === null) return options as JsonObject;
  throw invalidInput(`Invalid ${platform} minion pool environment: ${problem}`);
}

function readNumbers(given: {
  minimum: unknown;
  maximum: unknown;
  idleTime: unknown;
}): Pick<PoolFields, 'minimumMinions' | 'maximumMinions' | 'minionMaxIdleTime'> {
  const minimumMinions = readPositive('minimum_minions', given.minimum);
  const maximumMinions = readPositive('maximum_minions', given.maximum);
  if (maximumMinions < minimumMinions) {
    throw invalidInput(
      `'maximum_minions' value (${maximumMinions}) must be at least as large as the 'minimum_minions' value (${minimumMinions}).`,
    );
  }
  const minionMaxIdleTime = readPositive('minion_max_idle_time', given.idleTime);
  return { minimumMinions, maximumMinions, minionMaxIdleTime };
}

function readPositive(field: string, value: unknown): number {
  if (typeof value !== 'number') {
    const type = typeof value === 'string' ? 'str' : Array.isArray(value) ? 'list' : 'dict';
    throw invalidInput(`'<=' not supported between instances of '${type}' and 'int'`);
  }
  if (value <= 0) throw invalidInput(`'${field}' must be a strictly positive integer. Got: ${value}`);
  return value;
}

function readStrategy(value: unknown): RetentionStrategy {
  const strategy = STRATEGIES.find((one) => one === value);
  if (strategy) return strategy;
  throw invalidInput(
    `Invalid minion pool retention strategy '${pythonText(value)}'. Must be one of the following: ${pythonRepr(STRATEGIES)}`,
  );
}

function readText(value: unknown): string {
  if (typeof value !== 'string') throw internalError();
  return value;
}
