import { requesterOf } from '../http/request-context';
import type { CoriolisContext, CoriolisRoutes } from '../http/request-context';
import { requirePermission } from '../http/require-permission';
import {
  readForceOption,
  readLatin1PathParam,
  makeActionHandler,
  makeHandlerWithBody,
  makeHandlerWithoutBody,
} from '../http/wsgi-handlers';
import { runRequestBodyCheck } from '../world/request-body-check';
import { formatTimestamp } from '../world/clock';
import { listPoolsOfProject, requirePool } from '../world/minions/pools';
import type { MinionMachine, MinionPool } from '../world/pool-model';
import { checkNewPool, checkPoolChanges } from '../world/minions/pool-request-body';
import {
  allocatePool,
  createPool,
  deallocatePool,
  deletePool,
  refreshPool,
  updatePool,
} from '../world/minions/pool-actions';
import type { JsonObject } from '../json-object';
import type { World } from '../world/world';
import { eventView, progressUpdateView, commonKeysView } from './json-views';

/** Routes of `/minion_pools` (docs/reference/coriolis-api.md §6.6). */
export function addMinionPoolRoutes(routes: CoriolisRoutes, world: World): void {
  routes.get(
    '/minion_pools',
    makeHandlerWithoutBody((context) => {
      requirePermission(context, 'minion_pools:list');
      return context.json({ minion_pools: listPoolsOfProject(world, context.get('projectId')).map(summary) });
    }),
  );

  routes.post(
    '/minion_pools',
    makeHandlerWithBody((context, body) => {
      requirePermission(context, 'minion_pools:create');
      const requester = requesterOf(context);
      const fields = runRequestBodyCheck('minion_pool', 'creation', () =>
        checkNewPool(world, requester, body),
      );
      return context.json({ minion_pool: view(createPool(world, requester, fields)) });
    }),
  );

  routes.get(
    '/minion_pools/:id',
    makeHandlerWithoutBody((context) => {
      requirePermission(context, 'minion_pools:show');
      const pool = requirePool(world, context.get('projectId'), readLatin1PathParam(context, 'id'));
      return context.json({ minion_pool: view(pool) });
    }),
  );

  routes.put(
    '/minion_pools/:id',
    makeHandlerWithBody((context, body) => {
      requirePermission(context, 'minion_pools:update');
      const requester = requesterOf(context);
      const id = readLatin1PathParam(context, 'id');
      const changes = runRequestBodyCheck('minion_pool', 'update', () =>
        checkPoolChanges(world, requester, id, body),
      );
      return context.json({ minion_pool: view(updatePool(world, requester, id, changes)) });
    }),
  );

  routes.delete(
    '/minion_pools/:id',
    makeHandlerWithoutBody((context) => {
      requirePermission(context, 'minion_pools:delete');
      deletePool(world, context.get('projectId'), readLatin1PathParam(context, 'id'));
      return context.body(null, 204);
    }),
  );

  const action =
    (name: string, run: (projectId: string, id: string, options: unknown) => MinionPool) =>
    (context: CoriolisContext, options: unknown): Response => {
      requirePermission(context, `minion_pools:${name}`);
      const pool = run(context.get('projectId'), readLatin1PathParam(context, 'id'), options);
      return context.json({ minion_pool: view(pool) });
    };
  routes.post(
    '/minion_pools/:id/actions',
    makeActionHandler({
      allocate: action('allocate', (projectId, id) => allocatePool(world, projectId, id)),
      refresh: action('refresh', (projectId, id) => refreshPool(world, projectId, id)),
      deallocate: action('deallocate', (projectId, id, options) =>
        deallocatePool(world, projectId, id, readForceOption(options)),
      ),
    }),
  );
}

/** A pool as lists show it. */
function summary(pool: MinionPool): JsonObject {
  return {
    ...commonKeysView(pool),
    id: pool.id,
    maintenance_trust_id: pool.trustId,
    name: pool.name,
    notes: pool.notes,
    endpoint_id: pool.endpointId,
    os_type: pool.osType,
    platform: pool.side,
    environment_options: pool.environmentOptions,
    status: pool.status,
    shared_resources: pool.sharedResources,
    minimum_minions: pool.minimumMinions,
    maximum_minions: pool.maximumMinions,
    minion_max_idle_time: pool.minionMaxIdleTime,
    minion_retention_strategy: pool.retentionStrategy,
    minion_machines: pool.machines.map((machine) => machineView(pool, machine)),
  };
}

function view(pool: MinionPool): JsonObject {
  return {
    ...summary(pool),
    user_id: pool.userId,
    project_id: pool.projectId,
    events: pool.events.map((event) => eventView(event, { pool_id: pool.id })),
    progress_updates: pool.progressUpdates.map((update) => progressUpdateView(update, { pool_id: pool.id })),
  };
}

function machineView(pool: MinionPool, machine: MinionMachine): JsonObject {
  return {
    ...commonKeysView({ ...machine, deletedAt: null }),
    id: machine.id,
    user_id: pool.userId,
    project_id: pool.projectId,
    pool_id: pool.id,
    allocation_status: machine.allocationStatus,
    allocated_action: machine.allocatedActionId,
    power_status: machine.powerStatus,
    last_used_at: formatTimestamp(machine.lastUsedAt),
    connection_info: machine.connectionInfo,
    backup_writer_connection_info: machine.backupWriterConnectionInfo,
    provider_properties: machine.providerProperties,
  };
}
