import { isJsonObject } from '../../json-object';
import type { JsonObject } from '../../json-object';
import { PlatformCapability } from '../../platforms/platform';
import { pythonValueError } from '../../python/errors';
import { findSchemaProblem } from '../../python/schema-check';
import { pythonRepr, pythonStr } from '../../python/value-texts';
import {
  pythonContains,
  pythonElements,
  getFromDict,
  isPythonEqual,
  isPythonTruthy,
  getPythonItem,
  requireHashable,
  pythonTypeName,
  withDictItems,
  withDictItem,
} from '../../python/value-operations';
import { findEndpoint } from '../endpoints/endpoints';
import { requirePlatformWithWorker } from '../installation/workers';
import type { Owner, Endpoint, Scenario, Transfer } from '../model';
import { notFoundWithClassName } from '../api-error';
import type { World } from '../world';
import { checkNetworkMap, checkStorageMappings, mergeStorageMappings } from './network-and-storage-maps';
import { mergeUserScripts, readUserScripts } from './user-scripts';

const SCENARIOS: readonly Scenario[] = ['replica', 'live_migration'];

/** Settings of a move after the server's checks. Those that the server does not check have type `unknown`. */
interface CheckedSettings {
  readonly sourceEnvironment: JsonObject;
  readonly destinationEnvironment: JsonObject;
  readonly networkMap: JsonObject;
  readonly storageMappings: JsonObject;
  readonly userScripts: JsonObject;
  readonly notes: unknown;
  readonly skipOsMorphing: unknown;
}

/** Values that a new transfer and a new direct migration have in common. */
export interface NewAction extends CheckedSettings {
  readonly instances: readonly unknown[];
  readonly originEndpointId: unknown;
  readonly destinationEndpointId: unknown;
  readonly originMinionPoolId: unknown;
  readonly destinationMinionPoolId: unknown;
  readonly osMorphingPools: unknown;
}

export interface NewTransfer extends NewAction {
  readonly scenario: Scenario;
  readonly cloneDisks: unknown;
}

/**
 * Checks the body of a creation in the order of the real server (`TransferController._validate_create_body`,
 * docs/reference/coriolis-api.md §7.4).
 * @throws ApiError or PythonError, which `runRequestBodyCheck` makes a 400
 */
export function checkNewTransfer(world: World, owner: Owner, body: unknown): NewTransfer {
  const transfer = getPythonItem(body, 'transfer');
  const scenario = world.features.scenarios
    ? checkScenario(getFromDict(transfer, 'scenario', ''))
    : 'replica';
  const originEndpointId = getPythonItem(transfer, 'origin_endpoint_id');
  const destinationEndpointId = getPythonItem(transfer, 'destination_endpoint_id');
  const environment = getFromDict(transfer, 'destination_environment', {});
  const instances = checkInstances(getFromDict(transfer, 'instances'));
  const sourceEnvironment = getFromDict(transfer, 'source_environment', {});
  checkEnvironment(world, owner, 'source', originEndpointId, sourceEnvironment);
  const osMorphingPools = getFromDict(transfer, 'instance_osmorphing_minion_pool_mappings', {});
  refuseForeignInstancePools(osMorphingPools, instances);
  const networkMap = checkNetworkMap(getFromDict(transfer, 'network_map', {}));
  const destinationEnvironment = withDictItem(environment, 'network_map', networkMap);
  checkEnvironment(world, owner, 'destination', destinationEndpointId, destinationEnvironment);
  const scripts = isJsonObject(transfer) ? transfer['user_scripts'] : undefined;
  const userScripts = readUserScripts(world.features.userScripts, scripts, instances);
  const storageMappings = checkStorageMappings(getFromDict(transfer, 'storage_mappings', {}));
  const action = withUncheckedValues(transfer, {
    instances,
    originEndpointId,
    destinationEndpointId,
    sourceEnvironment: sourceEnvironment as JsonObject,
    destinationEnvironment,
    networkMap,
    storageMappings,
    userScripts,
    osMorphingPools,
  });
  return { ...action, scenario, cloneDisks: getFromDict(transfer, 'clone_disks', true) };
}

type UncheckedValues = 'notes' | 'skipOsMorphing' | 'originMinionPoolId' | 'destinationMinionPoolId';

/**
 * Adds to the checked values of a new transfer or direct migration those that the server takes from the body unchecked,
 * and to its destination environment the storage mappings, as the server does after the checks.
 */
export function withUncheckedValues(given: unknown, checked: Omit<NewAction, UncheckedValues>): NewAction {
  const { destinationEnvironment, storageMappings } = checked;
  return {
    ...checked,
    destinationEnvironment: { ...destinationEnvironment, storage_mappings: storageMappings },
    notes: getFromDict(given, 'notes'),
    skipOsMorphing: getFromDict(given, 'skip_os_morphing', false),
    originMinionPoolId: getFromDict(given, 'origin_minion_pool_id'),
    destinationMinionPoolId: getFromDict(given, 'destination_minion_pool_id'),
  };
}

/** Values of a transfer after an update. */
export interface UpdatedTransfer extends CheckedSettings {
  readonly cloneDisks: unknown;
  /** Pools in the request, by field. */
  readonly pools: JsonObject;
  /** The `transfer` object of the request. */
  readonly requestedChanges: JsonObject;
}

const POOL_FIELDS = [
  'origin_minion_pool_id',
  'destination_minion_pool_id',
  'instance_osmorphing_minion_pool_mappings',
];

/**
 * Checks the body of an update in the order of the real server (`TransferController._validate_update_body`,
 * docs/reference/coriolis-api.md §7.5).
 * @throws ApiError or PythonError, which `runRequestBodyCheck` makes a 400
 */
export function checkTransferChanges(world: World, transfer: Transfer, body: unknown): UpdatedTransfer {
  if (world.features.scenarios) refuseOtherScenario(transfer, getFromDict(body, 'scenario', ''));
  const given = getPythonItem(body, 'transfer');
  refuseFixedFields(given);
  const changes = given as JsonObject;
  const sourceEnvironment = withDictItems(
    transfer.sourceEnvironment,
    getFromDict(changes, 'source_environment') ?? {},
  );
  const environment = withDictItems(
    transfer.destinationEnvironment,
    getFromDict(changes, 'destination_environment') ?? {},
  );
  const networkMap = withDictItems(transfer.networkMap, getFromDict(changes, 'network_map') ?? {});
  const storageMappings = mergeStorageMappings(
    transfer.storageMappings,
    getFromDict(changes, 'storage_mappings') ?? {},
  );
  const { userScripts: rules } = world.features;
  const scripts = readUserScripts(rules, changes['user_scripts'], transfer.instances);
  const destinationEnvironment: JsonObject = {
    ...environment,
    storage_mappings: storageMappings,
    ...(isPythonTruthy(networkMap) && { network_map: networkMap }),
  };
  checkEnvironment(world, transfer, 'source', transfer.originEndpointId, sourceEnvironment);
  checkEnvironment(world, transfer, 'destination', transfer.destinationEndpointId, destinationEnvironment);
  checkNetworkMap(networkMap);
  checkStorageMappings(storageMappings);
  return {
    sourceEnvironment,
    destinationEnvironment,
    networkMap,
    storageMappings,
    userScripts: mergeUserScripts(transfer.userScripts, scripts),
    notes: getFromDict(changes, 'notes', transfer.notes),
    cloneDisks: getFromDict(changes, 'clone_disks', transfer.cloneDisks),
    skipOsMorphing: getFromDict(changes, 'skip_os_morphing', transfer.skipOsMorphing),
    requestedChanges: changes,
    pools: Object.fromEntries(Object.entries(changes).filter(([name]) => POOL_FIELDS.includes(name))),
  };
}

function checkScenario(value: unknown): Scenario {
  if (!isPythonTruthy(value)) return 'replica';
  const scenario = SCENARIOS.find((one) => one === value);
  if (scenario) return scenario;
  throw pythonValueError(
    `Unsupported Transfer creation scenario '${pythonStr(value)}', must be one of: ${pythonRepr(SCENARIOS)}`,
  );
}

function refuseOtherScenario(transfer: Transfer, scenario: unknown): void {
  if (!isPythonTruthy(scenario) || scenario === transfer.scenario) return;
  throw pythonValueError(
    `Changing Transfer creation scenario is not supported (original scenario is ${transfer.scenario}, received '${pythonStr(scenario)}')`,
  );
}

/** Checks the list of instances (`validate_instances_list_for_transfer`). */
export function checkInstances(value: unknown): readonly unknown[] {
  if (!isPythonTruthy(value)) throw pythonValueError('No instance identifiers provided for transfer action.');
  if (!Array.isArray(value)) {
    throw pythonValueError(
      `Instances must be a list. Got type <class '${pythonTypeName(value)}'>: ${pythonStr(value)}`,
    );
  }
  const seen: { readonly instance: unknown; count: number }[] = [];
  for (const instance of value as unknown[]) {
    requireHashable(instance);
    const known = seen.find((one) => isPythonEqual(one.instance, instance));
    if (known) known.count += 1;
    else seen.push({ instance, count: 1 });
  }
  const repeated = seen.filter(({ count }) => count > 1);
  if (repeated.length > 0) {
    const counts = repeated.map(({ instance, count }) => `${pythonRepr(instance)}: ${count}`);
    throw pythonValueError(
      `Transfer action instances (${pythonRepr(value)}) list contained duplicates: {${counts.join(', ')}} `,
    );
  }
  return value as unknown[];
}

/**
 * Refuses OS morphing pools of instances that the action does not move.
 * @param owner owner of the instances, in the server's words
 */
export function refuseForeignInstancePools(
  pools: unknown,
  instances: readonly unknown[],
  owner: 'Transfer' | 'migration' = 'Transfer',
): void {
  const foreign = pythonElements(pools).filter((instance) => !instances.includes(instance));
  if (foreign.length === 0) return;
  throw pythonValueError(
    `One or more instance OSMorphing pool mappings were provided for instances (${pythonRepr(foreign)}) ` +
      `which are not part of the ${owner}'s declared instances (${pythonRepr(instances)})`,
  );
}

/** Checks an environment against the schema of an endpoint's platform. */
export function checkEnvironment(
  world: World,
  owner: Pick<Owner, 'projectId'>,
  side: 'source' | 'destination',
  endpointId: unknown,
  environment: unknown,
): void {
  const endpoint = findEndpoint(world, owner.projectId, endpointId);
  if (!endpoint) throw notFoundWithClassName(`Endpoint with ID '${pythonStr(endpointId)}' not found.`);
  const schema = environmentSchema(world, side, endpoint);
  const problem = schema ? findSchemaProblem(schema, environment) : null;
  if (problem !== null) throw invalidEnvironment(side, problem);
}

const invalidEnvironment = (side: string, problem: string) =>
  pythonValueError(`Invalid ${side} environment: ${problem}`);

function environmentSchema(
  world: World,
  side: 'source' | 'destination',
  endpoint: Endpoint,
): JsonObject | undefined {
  const platform = requirePlatformWithWorker(world, endpoint, PlatformCapability.ENDPOINT);
  const [needed, shown] =
    side === 'source'
      ? [PlatformCapability.TRANSFER_EXPORT, PlatformCapability.TRANSFER_EXPORT]
      : [PlatformCapability.OS_MORPHING, PlatformCapability.TRANSFER_IMPORT];
  if (!platform.capabilityCodes.includes(needed)) {
    throw notFoundWithClassName(`Provider not found for: ${endpoint.type}, ${needed}`);
  }
  return platform.schemas[shown];
}

/** Refuses changes of endpoints and instances. */
function refuseFixedFields(given: unknown): void {
  const origin = getFromDict(given, 'origin_endpoint_id');
  const destination = getFromDict(given, 'destination_endpoint_id');
  const instances = getFromDict(given, 'instances');
  if (isPythonTruthy(origin) || isPythonTruthy(destination)) {
    throw pythonValueError(
      'The source or destination endpoints for a Coriolis Transfer cannot be updated after its creation. If the credentials of any of the ' +
        "Transfer's endpoints need updating, please update the endpoints themselves.",
    );
  }
  if (isPythonTruthy(instances))
    throw pythonValueError('The list of instances of a Transfer cannot be updated');
}

/** Whether a request has pool fields. */
export const hasPoolFields = (pools: JsonObject): boolean =>
  POOL_FIELDS.some((field) => pythonContains(pools, field));
