import { path } from '../api/path';
import type { Coriolis } from '../api/coriolis';
import type { JsonObject } from '../model/json';
import { newestPoolError } from '../model/minion-pool';
import { hasSettings } from '../model/same-settings';
import type { MinionPool } from '../model/types';
import { subjectOf } from '../vocabulary/preview';
import { key, pick, view } from '../vocabulary/shape';

const shape = {
  id: key.text('Minion pool id'),
  name: key.text('Name', { untrusted: true }),
  status: key.text('ALLOCATED (usable), DEALLOCATED, ERROR, or on the way'),
  endpoint_id: key.text('Endpoint it belongs to'),
  platform: key.text('source or destination'),
  os_type: key.text('Operating system of its machines'),
  minimum_minions: key.number('Machines kept'),
  maximum_minions: key.number('Machines at most'),
  minion_max_idle_time: key.number('Seconds until an idle machine is released'),
  minion_retention_strategy: key.text('What happens to idle machines: delete or poweroff'),
  created_at: key.time('Created'),
  updated_at: key.time('Last changed', { nullable: true }),
  notes: key.text('Notes', { nullable: true, untrusted: true }),
  environment_options: key.json('Options of the platform'),
  machines: key.rows('Machines', {
    id: key.text('Machine id'),
    allocation_status: key.text('AVAILABLE, IN_USE, …'),
    power_status: key.text('POWERED_ON, POWERED_OFF, …'),
    allocated_to: key.text('Transfer or deployment that uses it', { nullable: true }),
  }),
  last_error: key.text('Newest error event', { nullable: true, untrusted: true }),
};

export const poolRowShape = pick(
  shape,
  'id',
  'name',
  'status',
  'endpoint_id',
  'platform',
  'os_type',
  'minimum_minions',
  'maximum_minions',
  'minion_max_idle_time',
  'minion_retention_strategy',
  'created_at',
  'updated_at',
);

export const poolRow = (pool: MinionPool) => ({
  id: pool.id,
  name: pool.name,
  status: pool.status,
  endpoint_id: pool.endpoint_id,
  platform: pool.platform,
  os_type: pool.os_type,
  minimum_minions: pool.minimum_minions,
  maximum_minions: pool.maximum_minions,
  minion_max_idle_time: pool.minion_max_idle_time,
  minion_retention_strategy: pool.minion_retention_strategy,
  created_at: pool.created_at,
  updated_at: pool.updated_at,
});

export const poolView = view<MinionPool>()(shape, (pool) => ({
  ...poolRow(pool),
  notes: pool.notes,
  environment_options: pool.environment_options,
  machines: (pool.minion_machines ?? []).map((machine) => ({
    id: machine.id,
    allocation_status: machine.allocation_status,
    power_status: machine.power_status,
    allocated_to: machine.allocated_action,
  })),
  last_error: newestPoolError(pool)?.message ?? null,
}));

export async function fetchPool({ client }: Coriolis, id: string): Promise<MinionPool> {
  return (await client.get<{ minion_pool: MinionPool }>(path`/minion_pools/${id}`)).minion_pool;
}

/** Signs that an action on a pool has started: its event, or the resulting status. */
const TRACES = {
  allocate: { event: 'Begun minion pool allocation process', makes: 'ALLOCATED' },
  deallocate: { event: 'Begun minion pool deallocation process', makes: 'DEALLOCATED' },
  refresh: { event: 'Begun minion pool refreshing process', makes: undefined },
} as const;

/**
 * Runs an action on a pool. It returns the pool, not an execution (coriolis-api.md §6.6). When the answer is lost, the
 * pool shows whether the action has started.
 */
export async function actOnPool(
  coriolis: Coriolis,
  id: string,
  action: keyof typeof TRACES,
  settings: JsonObject | null = null,
): Promise<MinionPool> {
  const { event, makes } = TRACES[action];
  const answer = await coriolis.client.post<{ minion_pool: MinionPool }>(
    path`/minion_pools/${id}/actions`,
    { [action]: settings },
    {
      recover: async (begunSince) => {
        const pool = await fetchPool(coriolis, id);
        const events = pool.events ?? [];
        const isBegun =
          pool.status === makes || events.some((one) => one.message === event && begunSince(one.created_at));
        return isBegun ? { minion_pool: pool } : undefined;
      },
    },
  );
  return answer.minion_pool;
}

/** Finds a pool with these settings that was created recently. */
export async function findCreatedPool(
  client: Coriolis['client'],
  settings: Readonly<Partial<MinionPool>>,
  lately: (createdAt: string) => boolean,
): Promise<MinionPool | undefined> {
  const { minion_pools: pools } = await client.get<{ minion_pools: MinionPool[] }>('/minion_pools');
  return pools.find((one) => lately(one.created_at) && hasSettings(one, settings));
}

/** Preview of losing the machines of a pool, and whether they are in use. */
export async function previewLoss(coriolis: Coriolis, id: string, consequences: readonly string[]) {
  const pool = await fetchPool(coriolis, id);
  const busy = (pool.minion_machines ?? []).filter(({ allocated_action: action }) => action !== null).length;
  return {
    subject: subjectOf(pool, pool.name, pool.status),
    consequences: [
      ...consequences,
      busy === 0 ? 'No machine is in use.' : `${busy} machines are in use by transfers or deployments.`,
    ],
  };
}
