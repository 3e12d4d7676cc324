import { formatTimestamp } from '../world/clock';
import { transferResultOf } from '../world/deployments/deployments';
import { historyRecordsOf } from '../world/model';
import type {
  Action,
  Deployment,
  Endpoint,
  Execution,
  ProgressUpdate,
  Task,
  TaskEvent,
  Transfer,
  Region,
} from '../world/model';
import type { JsonObject } from '../json-object';
import { listVisibleTasks } from '../world/transfers/executions';
import type { World } from '../world/world';
import { maskSecrets } from './mask-secrets';

/**
 * Columns that every record has. `deleted` is a string: `"0"` while the record exists, another one afterwards
 * (docs/reference/coriolis-api.md §1.3).
 */
export function commonKeysView(record: {
  id: string;
  createdAt: number;
  updatedAt: number | null;
  deletedAt: number | null;
}): JsonObject {
  return {
    created_at: formatTimestamp(record.createdAt),
    updated_at: formatTimestamp(record.updatedAt),
    deleted_at: formatTimestamp(record.deletedAt),
    deleted: record.deletedAt === null ? '0' : record.id,
  };
}

export function endpointView(endpoint: Endpoint): JsonObject {
  return {
    ...commonKeysView(endpoint),
    id: endpoint.id,
    user_id: endpoint.userId,
    project_id: endpoint.projectId,
    connection_info: endpoint.connectionInfo,
    type: endpoint.type,
    name: endpoint.name,
    description: endpoint.description,
    mapped_regions: endpoint.mappedRegions,
  };
}

export function regionView(world: World, region: Region): JsonObject {
  const mappedOn = (things: Iterable<{ id: string; mappedRegions: readonly string[] }>): string[] =>
    [...things].filter(({ mappedRegions }) => mappedRegions.includes(region.id)).map(({ id }) => id);
  return {
    ...commonKeysView(region),
    id: region.id,
    name: region.name,
    description: region.description,
    enabled: region.enabled,
    mapped_services: mappedOn(world.services.values()),
    mapped_endpoints: mappedOn(world.endpoints),
  };
}

/**
 * Event of a task or a minion pool, as the API shows it.
 * @param owner id of the task or the minion pool, under its key
 */
export function eventView(event: TaskEvent, owner: JsonObject): JsonObject {
  return {
    id: event.id,
    ...owner,
    level: event.level,
    message: event.message,
    index: event.index,
    ...commonKeysView({ ...event, updatedAt: null, deletedAt: null }),
  };
}

/**
 * Progress update of a task or a minion pool, as the API shows it.
 * @param owner id of the task or the minion pool, under its key
 */
export function progressUpdateView(update: ProgressUpdate, owner: JsonObject): JsonObject {
  return {
    id: update.id,
    ...owner,
    index: update.index,
    current_step: update.currentStep,
    total_steps: update.totalSteps,
    message: update.message,
    ...commonKeysView({ ...update, deletedAt: null }),
  };
}

function taskView(task: Task): JsonObject {
  return {
    id: task.id,
    execution_id: task.executionId,
    instance: task.instance,
    host: task.host,
    process_id: task.processId,
    status: task.status,
    task_type: task.type,
    exception_details: task.exceptionDetails,
    depends_on: task.dependsOn,
    index: task.index,
    on_error: task.onError,
    events: task.events.map((event) => eventView(event, { task_id: task.id })),
    progress_updates: task.progressUpdates.map((update) => progressUpdateView(update, { task_id: task.id })),
    ...commonKeysView({ ...task, deletedAt: null }),
  };
}

export function executionView(execution: Execution): JsonObject {
  return {
    id: execution.id,
    action_id: execution.actionId,
    tasks: listVisibleTasks(execution).map(taskView),
    status: execution.status,
    number: execution.number,
    type: execution.type,
    ...commonKeysView(execution),
  };
}

function actionColumns(
  action: Action,
  type: string,
  runs: JsonObject,
  result: JsonObject | null,
): JsonObject {
  return {
    base_id: action.id,
    user_id: action.userId,
    project_id: action.projectId,
    destination_environment: action.destinationEnvironment,
    type,
    ...runs,
    instances: action.instances,
    reservation_id: action.reservationId ?? null,
    notes: action.notes,
    origin_endpoint_id: action.originEndpointId,
    destination_endpoint_id: action.destinationEndpointId,
    transfer_result: result,
    network_map: action.networkMap,
    storage_mappings: action.storageMappings,
    source_environment: action.sourceEnvironment,
    last_execution_status: action.lastExecutionStatus,
    ...commonKeysView(action),
  };
}

function settingColumns(action: Action): JsonObject {
  return {
    instance_osmorphing_minion_pool_mappings: action.osMorphingPools,
    user_scripts: action.userScripts,
    clone_disks: action.cloneDisks,
    skip_os_morphing: action.skipOsMorphing,
    clustered: action.instances.length > 1,
  };
}

/**
 * A transfer, as the API shows it.
 * @param show.executions whether its executions are part of the answer: in lists only with `include_task_info`
 * @param show.info whether `info` is part of the answer, and whether its secrets are masked. With `include_task_info`,
 * lists show secrets in clear text, as on the real server
 */
export function transferView(
  transfer: Transfer,
  show: { executions: boolean; info: 'clear' | 'masked' | 'none' } = { executions: false, info: 'none' },
): JsonObject {
  const { info } = show.info === 'none' ? { info: undefined } : historyRecordsOf(transfer);
  const executions = show.executions
    ? historyRecordsOf(transfer)
        .executions.filter(({ deletedAt }) => deletedAt === null)
        .map(executionView)
    : [];
  return {
    ...actionColumns(transfer, 'transfer', { executions }, null),
    origin_minion_pool_id: transfer.originMinionPoolId,
    destination_minion_pool_id: transfer.destinationMinionPoolId,
    ...settingColumns(transfer),
    ...(info ? { info: show.info === 'masked' ? maskSecrets(info) : info } : {}),
    id: transfer.id,
    scenario: transfer.scenario,
  };
}

/**
 * A deployment, as the API shows it.
 * @param show.tasks whether tasks are part of the answer: a started deployment then has `tasks` and no `executions`;
 * one that has not started has `executions: []` and no `tasks`
 */
export function deploymentView(
  deployment: Deployment,
  show: { tasks: boolean; info: boolean } = { tasks: false, info: false },
): JsonObject {
  const shown = show.tasks ? deployment.execution : null;
  return {
    ...actionColumns(deployment, 'deployment', shown ? {} : { executions: [] }, transferResultOf(deployment)),
    origin_minion_pool_id: deployment.directMigrationSettings?.originMinionPoolId ?? null,
    destination_minion_pool_id: deployment.directMigrationSettings?.destinationMinionPoolId ?? null,
    ...settingColumns(deployment),
    ...(show.info ? { info: deployment.info } : {}),
    id: deployment.id,
    transfer_id: deployment.transferId,
    ...(deployment.directMigrationSettings && {
      shutdown_instances: deployment.directMigrationSettings.shutdownInstances,
      replication_count: deployment.directMigrationSettings.replicationCount,
    }),
    transfer_scenario_type: deployment.scenario,
    deployer_id: deployment.deployerId,
    trust_id: deployment.trustId,
    ...(shown ? { tasks: listVisibleTasks(shown).map(taskView) } : {}),
  };
}
