import { forceOption, jsonBody, requestedAction, requireFields, unwrap } from '../http/body';
import { requesterOf } from '../http/context';
import type { CoriolisRoutes } from '../http/context';
import { requirePermission } from '../http/policy';
import { timestamp } from '../world/clock';
import { poolsOf, requirePool } from '../world/minions/pool';
import type { MinionMachine, MinionPool } from '../world/minions/model';
import {
  allocatePool,
  createPool,
  deallocatePool,
  deletePool,
  refreshPool,
  updatePool,
} from '../world/minions/pools';
import type { JsonObject } from '../json';
import { notFound } from '../world/refusal';
import type { World } from '../world/world';
import { eventView, progressUpdateView, recordColumns } from './views';

/** `/minion_pools` (coriolis-api.md §6.6). */
export function addMinionPoolRoutes(routes: CoriolisRoutes, world: World): void {
  routes.get('/minion_pools', (context) => {
    requirePermission(context, 'minion_pools:list');
    return context.json({ minion_pools: poolsOf(world, context.get('projectId')).map(summary) });
  });

  routes.post('/minion_pools', async (context) => {
    requirePermission(context, 'minion_pools:create');
    const body = unwrap(await jsonBody(context), 'minion_pool', 'minion_pool creation');
    requireFields(
      body,
      ['name', 'endpoint_id', 'os_type', 'platform', 'environment_options'],
      'minion_pool creation',
    );
    return context.json({ minion_pool: view(createPool(world, requesterOf(context), body)) });
  });

  routes.get('/minion_pools/detail', () => {
    throw notFound('The resource could not be found.');
  });

  routes.get('/minion_pools/:id', (context) => {
    requirePermission(context, 'minion_pools:show');
    return context.json({
      minion_pool: view(requirePool(world, context.get('projectId'), context.req.param('id'))),
    });
  });

  routes.put('/minion_pools/:id', async (context) => {
    requirePermission(context, 'minion_pools:update');
    const body = unwrap(await jsonBody(context), 'minion_pool', 'minion_pool update');
    const pool = updatePool(world, requesterOf(context), context.req.param('id'), body);
    return context.json({ minion_pool: view(pool) });
  });

  routes.delete('/minion_pools/:id', (context) => {
    requirePermission(context, 'minion_pools:delete');
    deletePool(world, context.get('projectId'), context.req.param('id'));
    return context.body(null, 204);
  });

  routes.post('/minion_pools/:id/actions', async (context) => {
    const { name, options } = requestedAction(await jsonBody(context), ['allocate', 'refresh', 'deallocate']);
    requirePermission(context, `minion_pools:${name}`);
    const projectId = context.get('projectId');
    const id = context.req.param('id');
    const actions = {
      allocate: () => allocatePool(world, projectId, id),
      refresh: () => refreshPool(world, projectId, id),
      deallocate: () => deallocatePool(world, projectId, id, forceOption(options)),
    };
    return context.json({ minion_pool: view(actions[name]()) });
  });
}

/** A pool as lists show it. */
function summary(pool: MinionPool): JsonObject {
  return {
    ...recordColumns(pool),
    id: pool.id,
    maintenance_trust_id: pool.trustId,
    name: pool.name,
    notes: pool.notes,
    endpoint_id: pool.endpointId,
    os_type: pool.osType,
    platform: pool.platform,
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
    ...recordColumns({ ...machine, deletedAt: null }),
    id: machine.id,
    user_id: pool.userId,
    project_id: pool.projectId,
    pool_id: pool.id,
    allocation_status: machine.allocationStatus,
    allocated_action: machine.allocatedAction,
    power_status: machine.powerStatus,
    last_used_at: timestamp(machine.lastUsedAt),
    connection_info: machine.connectionInfo,
    backup_writer_connection_info: machine.backupWriterConnectionInfo,
    provider_properties: machine.providerProperties,
  };
}
