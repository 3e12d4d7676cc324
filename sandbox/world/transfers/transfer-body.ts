import { ProviderType } from '../../platforms/platform';
import { findEndpoint, requireEndpoint } from '../endpoints/endpoints';
import type { Owner, Endpoint, Scenario, Transfer } from '../model';
import type { JsonObject } from '../../json';
import { mergeStorageMappings, requireNetworkMap, requireStorageMappings } from './mappings';
import { refuseUnfitPools } from '../minions/selection';
import { pythonRepr, pythonText } from '../../python/text';
import { badRequest, internalError, invalidInput } from '../refusal';
import { schemaProblem } from '../../python/schema-check';
import { mergeUserScripts, readUserScripts, readWrapped } from './user-scripts';
import { schemaForBody } from '../installation/workers';
import type { World } from '../world';

const SCENARIOS: readonly Scenario[] = ['replica', 'live_migration'];

/** What an update may change. */
export type UpdatableFields = Pick<
  Transfer,
  | 'sourceEnvironment'
  | 'destinationEnvironment'
  | 'networkMap'
  | 'storageMappings'
  | 'userScripts'
  | 'notes'
  | 'cloneDisks'
  | 'skipOsMorphing'
  | 'osMorphingPools'
  | 'originMinionPoolId'
  | 'destinationMinionPoolId'
>;

/** What a request says about a new transfer. */
export type TransferFields = Omit<UpdatableFields, 'originMinionPoolId' | 'destinationMinionPoolId'> &
  Pick<Transfer, 'scenario' | 'instances' | 'originEndpointId' | 'destinationEndpointId'>;

/**
 * Reads the `transfer` object of a creation request, checking it in the order of the real server (coriolis-api.md §7.4).
 * @throws Refusal 400, 404 or 500 with the recorded texts
 */
export function readNewTransfer(world: World, owner: Owner, body: JsonObject): TransferFields {
  const scenario = readScenario(body['scenario']);
  const instances = readInstances(body['instances']);
  const origin = endpointInBody(world, owner, body['origin_endpoint_id']);
  const destination = endpointInBody(world, owner, body['destination_endpoint_id']);
  refuseUnfitPlatforms(world, origin, destination);
  if (
    origin.id === destination.id ||
    pythonRepr(origin.connectionInfo) === pythonRepr(destination.connectionInfo)
  ) {
    throw badRequest('Origin and destination cannot be the same');
  }
  const sourceEnvironment = body['source_environment'] === undefined ? {} : body['source_environment'];
  refuseInvalidEnvironment(world, origin, ProviderType.TRANSFER_EXPORT, sourceEnvironment);
  const networkMap = requireNetworkMap(body['network_map'] === undefined ? {} : body['network_map']);
  const given = body['destination_environment'] === undefined ? {} : body['destination_environment'];
  if (given === null) throw invalidInput("'NoneType' object does not support item assignment");
  const destinationEnvironment: JsonObject = { ...(given as JsonObject), network_map: networkMap };
  refuseInvalidEnvironment(world, destination, ProviderType.TRANSFER_IMPORT, destinationEnvironment);
  const userScripts = readWrapped(() =>
    readUserScripts(world.features.userScripts, body['user_scripts'], instances),
  );
  const storageMappings = requireStorageMappings(
    body['storage_mappings'] === undefined ? {} : body['storage_mappings'],
  );
  destinationEnvironment['storage_mappings'] = storageMappings;
  const osMorphingPools = readOsMorphingPools(body['instance_osmorphing_minion_pool_mappings'], instances);
  const cloneDisks = readFlag(body['clone_disks'], true);
  const skipOsMorphing = readFlag(body['skip_os_morphing'], false);

  return {
    scenario,
    instances,
    originEndpointId: origin.id,
    destinationEndpointId: destination.id,
    sourceEnvironment: sourceEnvironment as JsonObject,
    destinationEnvironment,
    networkMap,
    storageMappings,
    userScripts,
    notes: readNotes(body['notes']),
    cloneDisks,
    skipOsMorphing,
    osMorphingPools,
  };
}

/**
 * Reads the `transfer` object of an update request: the values that the transfer will have when the update completes (coriolis-api.md §7.5).
 * @throws Refusal 400, 404 or 500 with the recorded texts
 */
export function readUpdate(world: World, transfer: Transfer, body: JsonObject): UpdatableFields {
  refuseFixedFields(body);
  const { projectId } = transfer;
  const scripts = readWrapped(() =>
    readUserScripts(world.features.userScripts, body['user_scripts'], transfer.instances),
  );
  const sourceEnvironment = { ...transfer.sourceEnvironment, ...objectIn(body, 'source_environment') };
  refuseInvalidEnvironment(
    world,
    requireEndpoint(world, projectId, transfer.originEndpointId),
    ProviderType.TRANSFER_EXPORT,
    sourceEnvironment,
  );
  const networkMap = { ...transfer.networkMap, ...requireNetworkMap(body['network_map'] ?? {}) };
  const storageMappings = mergeStorageMappings(
    transfer.storageMappings,
    requireStorageMappings(body['storage_mappings'] ?? {}),
  );
  const destinationEnvironment: JsonObject = {
    ...transfer.destinationEnvironment,
    ...objectIn(body, 'destination_environment'),
    network_map: networkMap,
    storage_mappings: storageMappings,
  };
  refuseInvalidEnvironment(
    world,
    requireEndpoint(world, projectId, transfer.destinationEndpointId),
    ProviderType.TRANSFER_IMPORT,
    destinationEnvironment,
  );
  const pools = body['instance_osmorphing_minion_pool_mappings'];
  const osMorphingPools = pools ? readOsMorphingPools(pools, transfer.instances) : transfer.osMorphingPools;
  const named = readPools(body);
  refuseUnfitPools(world, transfer, {
    ...transfer,
    originMinionPoolId: null,
    destinationMinionPoolId: null,
    ...named,
    osMorphingPools: pools ? osMorphingPools : {},
  });
  return {
    originMinionPoolId: transfer.originMinionPoolId,
    destinationMinionPoolId: transfer.destinationMinionPoolId,
    ...named,
    sourceEnvironment,
    networkMap,
    storageMappings,
    destinationEnvironment,
    userScripts: mergeUserScripts(transfer.userScripts, scripts),
    osMorphingPools,
    notes: 'notes' in body ? readNotes(body['notes']) : transfer.notes,
    cloneDisks: readFlag(body['clone_disks'], transfer.cloneDisks),
    skipOsMorphing: readFlag(body['skip_os_morphing'], transfer.skipOsMorphing),
  };
}

function objectIn(body: JsonObject, field: string): JsonObject {
  return (body[field] ?? {}) as JsonObject;
}

function readScenario(value: unknown): Scenario {
  if (value === undefined || value === null) return 'replica';
  const scenario = SCENARIOS.find((one) => one === value);
  if (scenario) return scenario;
  throw invalidInput(
    `Unsupported Transfer creation scenario '${pythonText(value)}', must be one of: ${pythonRepr(SCENARIOS)}`,
  );
}

function readInstances(value: unknown): unknown[] {
  if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) {
    throw invalidInput('No instance identifiers provided for transfer action.');
  }
  if (!Array.isArray(value)) {
    const type = typeof value === 'string' ? 'str' : typeof value === 'number' ? 'int' : 'dict';
    throw invalidInput(`Instances must be a list. Got type <class '${type}'>: ${pythonText(value)}`);
  }
  const counts: Record<string, number> = {};
  for (const instance of value) counts[String(instance)] = (counts[String(instance)] ?? 0) + 1;
  const repeated = Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 1));
  if (Object.keys(repeated).length > 0) {
    throw invalidInput(
      `Transfer action instances (${pythonRepr(value)}) list contained duplicates: ${pythonRepr(repeated)} `,
    );
  }
  return value;
}

/** Ids inside a body that are unknown give 400, not 404. */
function endpointInBody(world: World, owner: Owner, id: unknown): Endpoint {
  const endpoint = findEndpoint(world, owner.projectId, id);
  if (!endpoint) throw invalidInput(`Endpoint with ID '${String(id)}' not found.`);
  return endpoint;
}

function refuseUnfitPlatforms(world: World, origin: Endpoint, destination: Endpoint): void {
  const needs: [Endpoint, number][] = [
    [destination, ProviderType.OS_MORPHING],
    [destination, ProviderType.TRANSFER_IMPORT],
    [origin, ProviderType.TRANSFER_EXPORT],
  ];
  for (const [{ type: name }, type] of needs) {
    if (!world.platform(name)?.types.includes(type)) {
      throw invalidInput(`Provider not found for: ${name}, ${type}`);
    }
  }
}

function refuseInvalidEnvironment(
  world: World,
  endpoint: Endpoint,
  type: number,
  environment: unknown,
): void {
  const schema = schemaForBody(world, endpoint, type);
  const problem = schema ? schemaProblem(schema, environment) : null;
  if (problem === null) return;
  const side = type === ProviderType.TRANSFER_EXPORT ? 'source' : 'destination';
  throw invalidInput(`Invalid ${side} environment: ${problem}`);
}

function readOsMorphingPools(value: unknown, instances: readonly unknown[]): JsonObject {
  const pools = value === undefined ? {} : value;
  if (typeof pools !== 'object' || pools === null || Array.isArray(pools)) {
    throw invalidInput(
      "'instance_osmorphing_minion_pool_mappings' must be a mapping of instances to minion pools.",
    );
  }
  const foreign = Object.keys(pools).filter((instance) => !instances.includes(instance));
  if (foreign.length > 0) {
    throw invalidInput(
      `One or more instance OSMorphing pool mappings were provided for instances (${pythonRepr(foreign)}) ` +
        `which are not part of the Transfer's declared instances (${pythonRepr(instances)})`,
    );
  }
  return pools as JsonObject;
}

/** The minion pools that a request names, as far as it does; `null` or an empty text means none. */
export function readPools(
  body: JsonObject,
): Partial<Pick<Transfer, 'originMinionPoolId' | 'destinationMinionPoolId'>> {
  const { origin_minion_pool_id: origin, destination_minion_pool_id: destination } = body;
  const read = (id: unknown): string | null => (id ? pythonText(id) : null);
  return {
    ...(origin === undefined ? {} : { originMinionPoolId: read(origin) }),
    ...(destination === undefined ? {} : { destinationMinionPoolId: read(destination) }),
  };
}

/** The database stores a number as text. */
function readNotes(value: unknown): unknown {
  return typeof value === 'number' ? String(value) : (value ?? null);
}

/** The database refuses anything but a boolean: generic 500. */
function readFlag(value: unknown, absent: boolean): boolean {
  if (value === undefined || value === null) return absent;
  if (typeof value !== 'boolean') throw internalError();
  return value;
}

/** Endpoints and instances are chosen once. */
function refuseFixedFields(body: JsonObject): void {
  if (body['origin_endpoint_id'] || body['destination_endpoint_id']) {
    throw invalidInput(
      'The source or destination endpoints for a Coriolis Transfer cannot be updated after its creation. If the credentials of any of the ' +
        "Transfer's endpoints need updating, please update the endpoints themselves.",
    );
  }
  const instances = body['instances'];
  if (Array.isArray(instances) ? instances.length > 0 : instances) {
    throw invalidInput('The list of instances of a Transfer cannot be updated');
  }
}
