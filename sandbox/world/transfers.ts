import { ProviderType } from '../platforms/platform';
import { requireEndpoint } from './endpoints';
import type { Owner } from './endpoints';
import { findEndpoint } from './endpoints';
import { mergeStorageMappings, requireNetworkMap, requireStorageMappings } from './mappings';
import { isActive, recordsOf } from './model';
import type { Endpoint, Execution, ExecutionType, JsonObject, Scenario, Task, Transfer } from './model';
import { disksDeletePlan, makeTasks, syncPlan, updatePlan } from './plans';
import { pythonRepr } from './python-text';
import { badRequest, internalError, invalidInput, notFound, remoteNotFound } from './refusal';
import { schemaProblem } from './schema-check';
import { mergeUserScripts, readUserScripts } from './user-scripts';
import type { World } from './world';

/** Who asks for something that runs tasks. Without trust the server cannot act for the caller later (coriolis-api.md §3.1). */
export interface Requester extends Owner {
  readonly trusted: boolean;
}

const SCENARIOS: readonly Scenario[] = ['replica', 'live_migration'];

/** A live transfer of that project. */
export function findTransfer(world: World, projectId: string, id: string): Transfer | undefined {
  const transfer = world.transfers.get(id);
  return transfer?.projectId === projectId && transfer.deletedAt === null ? transfer : undefined;
}

export function requireTransfer(world: World, projectId: string, id: string): Transfer {
  const transfer = findTransfer(world, projectId, id);
  if (!transfer) throw remoteNotFound(`Transfer with ID '${id}' not found.`);
  return transfer;
}

/** Creates a transfer from the `transfer` object of a request. It starts nothing. Checks in the order of the real server. */
export function createTransfer(world: World, owner: Owner, body: JsonObject): Transfer {
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
  const storageMappings = requireStorageMappings(
    body['storage_mappings'] === undefined ? {} : body['storage_mappings'],
  );
  destinationEnvironment['storage_mappings'] = storageMappings;
  const scripts = body['user_scripts'];
  const userScripts = mergeUserScripts({}, readUserScripts(scripts));
  const osMorphingPools = readOsMorphingPools(body['instance_osmorphing_minion_pool_mappings'], instances);
  refuseUnknownPools(body);
  const cloneDisks = readFlag(body['clone_disks'], true);
  const skipOsMorphing = readFlag(body['skip_os_morphing'], false);

  return world.transfers.add({
    id: world.newId(),
    projectId: owner.projectId,
    userId: owner.userId,
    scenario,
    instances,
    originEndpointId: origin.id,
    destinationEndpointId: destination.id,
    sourceEnvironment: sourceEnvironment as JsonObject,
    destinationEnvironment,
    networkMap,
    storageMappings,
    userScripts: scripts && Object.keys(scripts).length > 0 ? userScripts : {},
    notes: readNotes(body['notes']),
    cloneDisks,
    skipOsMorphing,
    osMorphingPools,
    lastExecutionStatus: 'UNEXECUTED',
    createdAt: world.now(),
    updatedAt: null,
    deletedAt: null,
    originMinionPoolId: null,
    destinationMinionPoolId: null,
    records: { executions: [], info: {} },
  });
}

function readScenario(value: unknown): Scenario {
  if (value === undefined || value === null) return 'replica';
  const scenario = SCENARIOS.find((one) => one === value);
  if (scenario) return scenario;
  throw invalidInput(
    `Unsupported Transfer creation scenario '${String(value)}', must be one of: ${pythonRepr(SCENARIOS)}`,
  );
}

function readInstances(value: unknown): unknown[] {
  if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) {
    throw invalidInput('No instance identifiers provided for transfer action.');
  }
  if (!Array.isArray(value)) {
    const type = typeof value === 'string' ? 'str' : typeof value === 'number' ? 'int' : 'dict';
    throw invalidInput(`Instances must be a list. Got type <class '${type}'>: ${String(value)}`);
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
  const schema = world.platform(endpoint.type)?.schemas[type];
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
  const [pool] = Object.values(pools);
  if (pool !== undefined) throw unknownPool(pool);
  return pools as JsonObject;
}

/** The sandbox has no minion pools yet, so every pool id is unknown. */
function refuseUnknownPools(body: JsonObject): void {
  for (const field of ['origin_minion_pool_id', 'destination_minion_pool_id']) {
    if (body[field]) throw unknownPool(body[field]);
  }
}

const unknownPool = (id: unknown): Error =>
  remoteNotFound(`Could not find minion pool with ID '${String(id)}'.`);

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

/** Refuses whatever may not happen while tasks of the transfer or of a deployment made from it run. */
export function refuseBusy(world: World, transfer: Transfer): void {
  const running = recordsOf(transfer).executions.filter(
    (execution) => execution.deletedAt === null && isActive(execution.status),
  );
  if (running.length > 0) {
    throw badRequest(`Another tasks execution is in progress: ${pythonRepr(running.map(({ id }) => id))}`);
  }
  const deploying = world.deployments
    .of(transfer.projectId)
    .some(
      (deployment) =>
        deployment.transferId === transfer.id &&
        deployment.deletedAt === null &&
        isActive(deployment.lastExecutionStatus),
    );
  if (deploying) throw badRequest(`Transfer '${transfer.id}' is currently being deployed`);
}

/** Starts a sync. `autoDeploy` is called with the execution once it runs. */
export function executeTransfer(
  world: World,
  requester: Requester,
  id: string,
  options: { shutdownInstances: boolean },
): Execution {
  const transfer = requireTransfer(world, requester.projectId, id);
  refuseBusy(world, transfer);
  return runTransfer(world, requester, transfer, {
    type: 'transfer_execution',
    plan: syncPlan(options),
    changes: {},
  });
}

/** Starts the deletion of the replicated disks. */
export function deleteTransferDisks(world: World, requester: Requester, id: string): Execution {
  const transfer = findTransfer(world, requester.projectId, id);
  if (!transfer) throw notFound(`Transfer with ID '${id}' not found.`);
  refuseBusy(world, transfer);
  const { info } = recordsOf(transfer);
  if (!transfer.instances.some((instance) => (info[String(instance)]?.volumes_info ?? []).length > 0)) {
    throw badRequest(
      `Transfer '${id}' does not have volumes information for any instances. Ensure that the transfer has been executed successfully priorly`,
    );
  }
  return runTransfer(world, requester, transfer, {
    type: 'transfer_disks_delete',
    plan: disksDeletePlan(),
    changes: {},
  });
}

/** Starts an update: the new values are stored when its execution completes, except user scripts (coriolis-api.md §7.5). */
export function updateTransfer(world: World, requester: Requester, id: string, body: JsonObject): Execution {
  const transfer = transferToUpdate(world, requester, id);
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
  const next = updatedValues(world, transfer, body);
  refuseBusy(world, transfer);
  if (body['user_scripts'] !== undefined) transfer.userScripts = next.userScripts;
  return runTransfer(world, requester, transfer, {
    type: 'transfer_update',
    plan: updatePlan(),
    changes: body,
    completed: () => {
      Object.assign(transfer, next);
      rememberUpdate(transfer);
    },
  });
}

/** Once updated, the `info` of each instance repeats what can be updated; deployments made later take it over. */
function rememberUpdate(transfer: Transfer): void {
  for (const info of Object.values(recordsOf(transfer).info)) {
    info['network_map'] = transfer.networkMap;
    info['storage_mappings'] = transfer.storageMappings;
    info['user_scripts'] = { global: {}, instances: {}, ...transfer.userScripts };
    info['notes'] = transfer.notes;
    info['clone_disks'] = transfer.cloneDisks;
    info['skip_os_morphing'] = transfer.skipOsMorphing;
  }
}

/** An unknown transfer in an update is a 400: it is noticed while the body is checked. */
export function transferToUpdate(world: World, owner: Owner, id: string): Transfer {
  const transfer = findTransfer(world, owner.projectId, id);
  if (!transfer) throw invalidInput(`Transfer with ID '${id}' not found.`);
  return transfer;
}

function updatedValues(world: World, transfer: Transfer, body: JsonObject) {
  const { projectId } = transfer;
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
  const userScripts = mergeUserScripts(transfer.userScripts, readUserScripts(body['user_scripts']));
  const pools = body['instance_osmorphing_minion_pool_mappings'];
  const osMorphingPools = pools ? readOsMorphingPools(pools, transfer.instances) : transfer.osMorphingPools;
  refuseUnknownPools(body);
  return {
    sourceEnvironment,
    networkMap,
    storageMappings,
    destinationEnvironment,
    userScripts,
    osMorphingPools,
    notes: 'notes' in body ? readNotes(body['notes']) : transfer.notes,
    cloneDisks: readFlag(body['clone_disks'], transfer.cloneDisks),
    skipOsMorphing: readFlag(body['skip_os_morphing'], transfer.skipOsMorphing),
  };
}

function objectIn(body: JsonObject, field: string): JsonObject {
  return (body[field] ?? {}) as JsonObject;
}

/** Stores an execution, then starts it. Without trust it stays behind as an orphan that never runs (coriolis-api.md §17, trap 32). */
function runTransfer(
  world: World,
  requester: Requester,
  transfer: Transfer,
  wanted: {
    type: ExecutionType;
    plan: Parameters<typeof makeTasks>[0];
    changes: JsonObject;
    completed?: () => void;
  },
): Execution {
  const { executions, info } = recordsOf(transfer);
  const id = world.newId();
  const execution: Execution = {
    id,
    actionId: transfer.id,
    type: wanted.type,
    status: 'UNEXECUTED',
    number: (executions.at(-1)?.number ?? 0) + 1,
    tasks: makeTasks(wanted.plan, {
      executionId: id,
      instances: transfer.instances,
      createdAt: world.now(),
      random: world.random,
    }),
    createdAt: world.now(),
    updatedAt: null,
    deletedAt: null,
  };
  executions.push(execution);
  // Only the first execution marks the transfer, also when it becomes an orphan (watching.md §1).
  transfer.updatedAt ??= world.now();
  if (!requester.trusted) throw internalError();
  world.engine.start({
    ...surroundingsOf(world, transfer),
    execution,
    info,
    changes: wanted.changes,
    finished: (status) => {
      if (status === 'COMPLETED') wanted.completed?.();
      world.recordFinish({ execution, transferId: transfer.id, projectId: transfer.projectId });
    },
  });
  return execution;
}

/** What the tasks of a transfer or of a deployment made from it work with. */
export function surroundingsOf<T extends Transfer | import('./model').Deployment>(world: World, action: T) {
  const origin = requireEndpoint(world, action.projectId, action.originEndpointId);
  const target = requireEndpoint(world, action.projectId, action.destinationEndpointId);
  const source = world.platform(origin.type);
  const destination = world.platform(target.type);
  if (!source || !destination) throw internalError();
  return {
    action,
    origin,
    source,
    destination,
    sourceEnvironment: action.sourceEnvironment,
    destinationEnvironment: action.destinationEnvironment,
    networkMap: action.networkMap,
  };
}

export function deleteTransfer(world: World, projectId: string, id: string): void {
  const transfer = findTransfer(world, projectId, id);
  if (!transfer) throw notFound(`Transfer with ID '${id}' not found.`);
  refuseBusy(world, transfer);
  transfer.deletedAt = world.now();
}

/** A live execution of a live transfer. */
export function findExecution(
  world: World,
  projectId: string,
  transferId: string,
  id: string,
): Execution | undefined {
  const transfer = findTransfer(world, projectId, transferId);
  if (!transfer) return undefined;
  return recordsOf(transfer).executions.find(
    (execution) => execution.id === id && execution.deletedAt === null,
  );
}

export function cancelExecution(
  world: World,
  projectId: string,
  transferId: string,
  id: string,
  force: boolean,
): void {
  const execution = findExecution(world, projectId, transferId, id);
  if (!execution) throw notFound(unknownExecution(transferId, id));
  if (!isActive(execution.status)) {
    throw badRequest(`Transfer '${transferId}' has no running execution to cancel.`);
  }
  if (execution.status === 'CANCELLING' && !force) {
    throw badRequest(
      `Transfer '${transferId}' is already being cancelled. Please use the force option if you'd like to force-cancel it.`,
    );
  }
  world.engine.cancel(execution, force);
}

export function deleteExecution(world: World, projectId: string, transferId: string, id: string): void {
  const execution = findExecution(world, projectId, transferId, id);
  if (!execution) throw notFound(unknownExecution(transferId, id));
  if (isActive(execution.status)) {
    throw badRequest(
      `Cannot delete execution '${id}' for Transfer '${transferId}' as it is currently in '${execution.status}' state.`,
    );
  }
  execution.deletedAt = world.now();
}

export function unknownExecution(transferId: string, id: string): string {
  return `Execution with ID '${id}' for Transfer '${transferId}' not found.`;
}

/** The tasks that the API shows. */
export function visibleTasks(execution: Execution): Task[] {
  return execution.tasks.filter((task) => task.status !== 'EXECUTE_ON_ERROR_ONLY');
}
