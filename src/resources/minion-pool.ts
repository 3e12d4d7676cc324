import type { Coriolis } from '../api/operation-context';
import { withoutUndefined, type JsonObject } from '../model/json';
import { findNewestPoolError } from '../model/minion-pool-state';
import { matchesSettings } from '../model/compare-settings';
import type { MinionMachine, MinionPool } from '../model/api-objects';
import { key, view } from '../vocabulary/result-keys';
import { createOne, fetchAll, fetchOne, makeObjectPath, sortOldestFirst } from '../requests/object-requests';
import { InvalidInputError } from '../api/errors';
import {
  newPoolFields,
  makeNewPoolRequestBody,
  toComparablePoolSettings,
} from '../fields/minion-pool-fields';
import type { InputOf } from '../vocabulary/field';

const poolKeys = {
  id: key.text('Minion pool id'),
  name: key.text('Name', { untrusted: true }),
  status: key.text('ALLOCATED (usable), DEALLOCATED, ERROR, or a state between them'),
  endpoint_id: key.text('Endpoint of the pool'),
  platform: key.text('source or destination'),
  os_type: key.text('Operating system of the machines'),
  minimum_minions: key.number('Minimum number of machines'),
  maximum_minions: key.number('Maximum number of machines'),
  minion_max_idle_time: key.number('Seconds until an idle machine is released'),
  minion_retention_strategy: key.text('What happens to idle machines: delete or poweroff'),
  created_at: key.time('Created'),
  updated_at: key.time('Last changed', { nullable: true }),
};

const machineKeys = {
  id: key.text('Machine id'),
  allocation_status: key.text('AVAILABLE, IN_USE, …'),
  power_status: key.text('POWERED_ON, POWERED_OFF, …'),
  allocated_to: key.text(
    'Transfer or deployment that uses the machine',
    ({ allocated_action: action }: MinionMachine) => action,
    { nullable: true },
  ),
};

export const poolRowView = view<MinionPool>()(poolKeys);

export const poolView = view<MinionPool>()({
  ...poolKeys,
  notes: key.text('Notes', { nullable: true, untrusted: true }),
  environment_options: key.json('Options of the platform'),
  machines: key.rows('Machines', machineKeys, ({ minion_machines: machines }: MinionPool) => machines ?? []),
  last_error: key.text('Newest error event', (pool: MinionPool) => findNewestPoolError(pool)?.message, {
    nullable: true,
    untrusted: true,
  }),
});

/** Finds the recently created pools with these settings, the oldest first. */
export async function findCreatedPools(
  coriolis: Coriolis,
  settings: Readonly<Partial<MinionPool>>,
  isRecent: (createdAt: string) => boolean,
): Promise<readonly MinionPool[]> {
  const pools = await fetchAll(coriolis, 'minionPool');
  return sortOldestFirst(pools.filter((one) => isRecent(one.created_at) && matchesSettings(one, settings)));
}

/** Creates a pool. Its machines are allocated at once, unless `skipAllocation` is true. */
export async function createPool(
  coriolis: Coriolis,
  input: InputOf<typeof newPoolFields>,
): Promise<MinionPool> {
  const { maximum_minions: maximum } = makeNewPoolRequestBody(input);
  if (maximum < input.minimumMinions) {
    throw new InvalidInputError(
      `Maximum Minions (${maximum}) must not be less than Minimum Minions (${input.minimumMinions}).`,
      { field: 'maximumMinions' },
    );
  }
  const body = { ...withoutUndefined(makeNewPoolRequestBody(input)), skip_allocation: input.skipAllocation };
  return await createOne(coriolis, 'minionPool', [], body, {
    mayTakeMinutes: true,
    find: (createdSince) => findCreatedPools(coriolis, toComparablePoolSettings(input), createdSince),
  });
}

/** Evidence that an action on a pool has begun: an event with this text (seen in recorded traffic), or this status. */
const ACTION_EVIDENCE = {
  allocate: { event: 'Begun minion pool allocation process', makes: 'ALLOCATED' },
  deallocate: { event: 'Begun minion pool deallocation process', makes: 'DEALLOCATED' },
  refresh: { event: 'Begun minion pool refreshing process', makes: undefined },
} as const;

/**
 * Starts an action on a pool. The server answers with the pool, not with an execution (docs/reference/coriolis-api.md
 * §6.6). When the response is lost, the events and the status of the pool show whether the action began.
 */
export async function startPoolAction(
  coriolis: Coriolis,
  id: string,
  action: keyof typeof ACTION_EVIDENCE,
  settings: JsonObject | null = null,
): Promise<MinionPool> {
  const { event, makes } = ACTION_EVIDENCE[action];
  const answer = await coriolis.client.post<{ minion_pool: MinionPool }>(
    `${makeObjectPath('minionPool', id)}/actions`,
    { [action]: settings },
    {
      recover: async (begunSince) => {
        const pool = await fetchOne(coriolis, 'minionPool', id);
        const events = pool.events ?? [];
        const isBegun =
          pool.status === makes || events.some((one) => one.message === event && begunSince(one.created_at));
        return isBegun ? { minion_pool: pool } : undefined;
      },
    },
  );
  return answer.minion_pool;
}
