import type { JsonObject } from '../../json-object';
import { PlatformCapability } from '../../platforms/platform';
import { findSchemaProblem } from '../../python/schema-check';
import { pythonRepr, pythonStr } from '../../python/value-texts';
import {
  pythonContains,
  getFromDict,
  isPythonBelow,
  getPythonItem,
  pickDictItems,
} from '../../python/value-operations';
import { pythonValueError } from '../../python/errors';
import { NAME_COLUMN, NOTES_COLUMN, toStoredInteger, toStoredText } from '../database-values';
import { findEndpoint } from '../endpoints/endpoints';
import { schemaOfBodyPart } from '../installation/workers';
import { OS_TYPES } from '../model';
import type { Owner } from '../model';
import { internalError, notFoundWithClassName } from '../api-error';
import type { World } from '../world';
import type { MinionPool, PoolFields, PoolSide, RetentionStrategy } from '../pool-model';
import { findPool } from './pools';

const PLATFORMS: readonly PoolSide[] = ['source', 'destination'];
const STRATEGIES: readonly RetentionStrategy[] = ['delete', 'poweroff'];

/** Checked values of a new pool. */
export interface NewPool {
  readonly endpointId: unknown;
  readonly side: PoolSide;
  readonly osType: string;
  readonly options: unknown;
  readonly retentionStrategy: RetentionStrategy;
  readonly minimumMinions: unknown;
  readonly maximumMinions: unknown;
  readonly minionMaxIdleTime: unknown;
  readonly name: unknown;
  readonly notes: unknown;
  readonly skipAllocation: unknown;
}

/**
 * Checks the body of a creation in the order of the real server (`MinionPoolController._validate_create_body`,
 * docs/reference/coriolis-api.md §6.6).
 * @throws ApiError or PythonError, which `runRequestBodyCheck` makes a 400
 */
export function checkNewPool(world: World, owner: Owner, body: unknown): NewPool {
  const pool = getPythonItem(body, 'minion_pool');
  const name = getPythonItem(pool, 'name');
  const endpointId = getPythonItem(pool, 'endpoint_id');
  const osType = checkOsType(getPythonItem(pool, 'os_type'));
  const givenPlatform = getPythonItem(pool, 'platform');
  const platform = PLATFORMS.find((one) => one === givenPlatform);
  if (!platform) {
    throw pythonValueError(
      `The provided pool platform ('${pythonStr(givenPlatform)}') is invalid. Must be one of the following: ${pythonRepr(PLATFORMS)}`,
    );
  }
  if (platform === 'source' && osType !== 'linux') {
    throw pythonValueError(`Source Minion Pools are required to be of OS type 'linux', not '${osType}'.`);
  }
  const options = getPythonItem(pool, 'environment_options');
  checkOptions(world, owner, { endpointId, side: platform, options });
  const minimum = getFromDict(pool, 'minimum_minions', 1);
  const maximum = getFromDict(pool, 'maximum_minions', minimum);
  const idleTime = getFromDict(pool, 'minion_max_idle_time', 1);
  checkNumbers(minimum, maximum, idleTime);
  const strategy = checkStrategy(getFromDict(pool, 'minion_retention_strategy', 'delete'));
  const notes = getFromDict(pool, 'notes');
  const skipAllocation = getFromDict(pool, 'skip_allocation', false);
  return {
    name,
    notes,
    endpointId,
    side: platform,
    osType,
    options,
    retentionStrategy: strategy,
    minimumMinions: minimum,
    maximumMinions: maximum,
    minionMaxIdleTime: idleTime,
    skipAllocation,
  };
}

/** Converts checked values to the fields that the database stores. @throws ApiError 500 for what it cannot store */
export function toPoolFields(pool: NewPool): PoolFields {
  return {
    name: requiredText(pool.name),
    notes: toStoredText(pool.notes, NOTES_COLUMN),
    endpointId: pythonStr(pool.endpointId),
    side: pool.side,
    osType: pool.osType,
    environmentOptions: pool.options as JsonObject,
    minimumMinions: toStoredInteger(pool.minimumMinions),
    maximumMinions: toStoredInteger(pool.maximumMinions),
    minionMaxIdleTime: toStoredInteger(pool.minionMaxIdleTime),
    retentionStrategy: pool.retentionStrategy,
  };
}

const UPDATABLE = [
  'name',
  'environment_options',
  'minimum_minions',
  'maximum_minions',
  'minion_max_idle_time',
  'minion_retention_strategy',
  'notes',
  'os_type',
];
/** Fields of an update that are checked against values of the stored pool. */
const NEEDING_POOL = ['environment_options', 'minimum_minions', 'maximum_minions', 'minion_max_idle_time'];

/**
 * Checks the body of an update in the order of the real server (`MinionPoolController._validate_update_body`).
 * @returns the values to change
 * @throws ApiError or PythonError, which `runRequestBodyCheck` makes a 400
 */
export function checkPoolChanges(world: World, owner: Owner, id: string, body: unknown): JsonObject {
  const given = getPythonItem(body, 'minion_pool');
  const fixed = ['endpoint_id', 'platform'].find((field) => pythonContains(given, field));
  if (fixed !== undefined) throw pythonValueError(`The '${fixed}' of a minion pool cannot be updated.`);
  const changes = pickDictItems(given, UPDATABLE);
  if ('minion_retention_strategy' in changes) checkStrategy(changes['minion_retention_strategy']);
  if (!NEEDING_POOL.some((field) => field in changes)) return changes;
  const pool = findPool(world, owner.projectId, id);
  if (!pool) throw notFoundWithClassName(`Minion pool with ID '${id}' not found.`);
  checkNumbers(
    getFromDict(changes, 'minimum_minions', pool.minimumMinions),
    getFromDict(changes, 'maximum_minions', pool.maximumMinions),
    getFromDict(changes, 'minion_max_idle_time'),
  );
  if ('environment_options' in changes) {
    checkOptions(world, owner, { ...pool, options: changes['environment_options'] });
  }
  return changes;
}

/** Updates a pool in the database. @throws ApiError 500 for what it cannot store */
export function storePoolChanges(pool: MinionPool, changes: JsonObject): void {
  const stored: Partial<MinionPool> = {
    ...('name' in changes && { name: requiredText(changes['name']) }),
    ...('notes' in changes && { notes: toStoredText(changes['notes'], NOTES_COLUMN) }),
    ...('os_type' in changes && { osType: requiredText(changes['os_type']) }),
    ...('environment_options' in changes && {
      environmentOptions: changes['environment_options'] as JsonObject,
    }),
    ...('minimum_minions' in changes && { minimumMinions: toStoredInteger(changes['minimum_minions']) }),
    ...('maximum_minions' in changes && { maximumMinions: toStoredInteger(changes['maximum_minions']) }),
    ...('minion_max_idle_time' in changes && {
      minionMaxIdleTime: toStoredInteger(changes['minion_max_idle_time']),
    }),
    ...('minion_retention_strategy' in changes && {
      retentionStrategy: changes['minion_retention_strategy'] as RetentionStrategy,
    }),
  };
  Object.assign(pool, stored);
}

function checkOsType(value: unknown): string {
  if (typeof value === 'string' && OS_TYPES.includes(value)) return value;
  throw pythonValueError(
    `The provided pool OS type '${pythonStr(value)}' is invalid. Must be one of the following: ${pythonRepr(OS_TYPES)}`,
  );
}

function checkOptions(
  world: World,
  owner: Owner,
  given: { endpointId: unknown; side: PoolSide; options: unknown },
): void {
  const { side, options } = given;
  const endpoint = findEndpoint(world, owner.projectId, given.endpointId);
  if (!endpoint) throw notFoundWithClassName(`Endpoint with ID '${pythonStr(given.endpointId)}' not found.`);
  const type =
    side === 'source' ? PlatformCapability.SOURCE_MINION_POOL : PlatformCapability.DESTINATION_MINION_POOL;
  const schema = schemaOfBodyPart(world, endpoint, type);
  const problem = schema ? findSchemaProblem(schema, options) : null;
  if (problem !== null) throw pythonValueError(`Invalid ${side} minion pool environment: ${problem}`);
}

function checkNumbers(minimum: unknown, maximum: unknown, idleTime: unknown): void {
  const refuse = (field: string, value: unknown): never => {
    throw pythonValueError(`'${field}' must be a strictly positive integer. Got: ${pythonStr(value)}`);
  };
  if (minimum !== null && isPythonBelow(minimum, 0, '<=')) refuse('minimum_minions', minimum);
  if (maximum !== null) {
    if (isPythonBelow(maximum, 0, '<=')) refuse('maximum_minions', maximum);
    if (isPythonBelow(maximum, minimum, '<')) {
      throw pythonValueError(
        `'maximum_minions' value (${pythonStr(maximum)}) must be at least as large as the 'minimum_minions' value (${pythonStr(minimum)}).`,
      );
    }
  }
  // The server's text names the maximum, not the time.
  if (idleTime !== null && isPythonBelow(idleTime, 0, '<=')) refuse('minion_max_idle_time', maximum);
}

function checkStrategy(value: unknown): RetentionStrategy {
  const strategy = STRATEGIES.find((one) => one === value);
  if (strategy) return strategy;
  throw pythonValueError(
    `Invalid minion pool retention strategy '${pythonStr(value)}'. Must be one of the following: ${pythonRepr(STRATEGIES)}`,
  );
}

function requiredText(value: unknown): string {
  const text = toStoredText(value, NAME_COLUMN);
  if (text === null) throw internalError();
  return text;
}
