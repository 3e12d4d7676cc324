import type { Coriolis } from '../api/operation-context';
import type { MinionPool } from '../model/api-objects';
import { choice, flag, reference } from '../vocabulary/field-constructors';
import { matchesChanges } from '../model/compare-settings';
import type { PoolGoal } from '../model/minion-pool-state';
import { defineListOperation, defineOperation } from '../operation';
import { callsAfterPoolAction } from '../playbooks/wait/suggested-calls';
import { makePoolWaitTarget } from '../waiting/pool-wait-target';
import { waitForOne } from '../waiting/wait-for-targets';
import { waitResultView } from '../waiting/wait-result';
import { deletedView, waitFields } from '../fields/common-fields';
import { fetchUnpagedRows } from '../requests/fetch-lists';
import {
  startPoolAction,
  findCreatedPools,
  poolRowView,
  poolView,
  createPool,
} from '../resources/minion-pool';
import { previewForcedDeallocation, previewPoolDeletion } from '../playbooks/pool-preview';
import {
  poolChangeFields,
  makePoolChangesRequestBody,
  toComparablePoolSettings,
  newPoolFields,
} from '../fields/minion-pool-fields';
import { deleteOne, fetchOne, requireChanges, updateOne } from '../requests/object-requests';

const minionPoolId = reference('minionPool', 'Minion Pool', 'Id or unique name.');

const list = defineListOperation({
  resource: 'minionPool',
  name: 'getAll',
  title: 'Get Many',
  tool: 'list_minion_pools',
  summary: 'List minion pools, the helper machines kept ready on endpoints',
  description: 'Only allocated pools can be used.',
  effect: 'read',
  input: {},
  output: poolRowView,
  position: fetchUnpagedRows.position,
  run: (coriolis, _input, window) => fetchUnpagedRows(coriolis, 'minionPool', [], window),
});

const get = defineOperation({
  resource: 'minionPool',
  name: 'get',
  title: 'Get',
  tool: 'get_minion_pool',
  summary: 'Get a minion pool with its machines',
  description: 'Shows also the newest error.',
  effect: 'read',
  input: { minionPoolId },
  output: poolView,
  run: (coriolis, { minionPoolId: id }) => fetchOne(coriolis, 'minionPool', id),
});

const create = defineOperation({
  resource: 'minionPool',
  name: 'create',
  title: 'Create',
  tool: 'create_minion_pool',
  summary: 'Create a minion pool on an endpoint',
  description: 'Allocates the machines at once unless skipped. Source pools must be linux.',
  effect: 'write',
  input: newPoolFields,
  output: poolView,
  result: {
    next: ({ id, status }) => (status === 'DEALLOCATED' ? [] : callsAfterPoolAction(id, 'ALLOCATED')),
  },
  run: createPool,
  deduplication: {
    findDuplicates: (coriolis, input, isRecent) =>
      findCreatedPools(coriolis, toComparablePoolSettings(input), isRecent),
    durable: true,
    notCompared: 'Skip Allocation',
    // A pool with machines cannot be deleted. So the machines are allocated only once it is certain that this pool
    // stays.
    steps: {
      create: (coriolis, input) => createPool(coriolis, { ...input, skipAllocation: true }),
      start: async (coriolis, pool, { skipAllocation }) =>
        skipAllocation ? pool : await startPoolAction(coriolis, pool.id, 'allocate'),
    },
    withdraw: (coriolis, { id }) => deleteOne(coriolis, 'minionPool', id),
  },
  completion: {
    target: ({ id }, { skipAllocation }) =>
      skipAllocation ? undefined : makePoolWaitTarget(id, 'ALLOCATED'),
    reload: (coriolis, { id }) => fetchOne(coriolis, 'minionPool', id),
  },
});

const update = defineOperation({
  resource: 'minionPool',
  name: 'update',
  title: 'Update',
  tool: 'update_minion_pool',
  summary: 'Update a deallocated minion pool',
  description: 'Only given values change.',
  effect: 'write',
  idempotent: true,
  input: {
    minionPoolId,
    ...poolChangeFields,
  },
  output: poolView,
  async run(coriolis, input) {
    const { minionPoolId: id } = input;
    const changes = makePoolChangesRequestBody(input);
    requireChanges(changes, 'at least one setting');
    return await updateOne(coriolis, 'minionPool', [id], changes, {
      mayTakeMinutes: true,
      async find() {
        const pool = await fetchOne(coriolis, 'minionPool', id);
        return matchesChanges(pool, changes) ? pool : undefined;
      },
    });
  },
});

const remove = defineOperation({
  resource: 'minionPool',
  name: 'delete',
  title: 'Delete',
  tool: 'delete_minion_pool',
  summary: 'Delete a deallocated minion pool',
  description: 'Deallocate it first; an allocated pool is refused.',
  effect: 'destroy',
  input: { minionPoolId },
  output: deletedView,
  result: { whole: true },
  preview: (coriolis, { minionPoolId: id }) => previewPoolDeletion(coriolis, id),
  run: (coriolis, { minionPoolId: id }) => deleteOne(coriolis, 'minionPool', id),
});

/** Properties that all pool actions share. Both `completion` and the suggested call wait for the status `goal`. */
const poolHooks = (goal: PoolGoal) => ({
  completion: {
    target: ({ id }: MinionPool) => makePoolWaitTarget(id, goal),
    reload: (coriolis: Coriolis, { id }: MinionPool) => fetchOne(coriolis, 'minionPool', id),
  },
  result: { next: ({ id }: Pick<MinionPool, 'id'>) => callsAfterPoolAction(id, goal) },
});

const allocate = defineOperation({
  resource: 'minionPool',
  name: 'allocate',
  title: 'Allocate',
  tool: 'allocate_minion_pool',
  summary: 'Allocate the machines of a minion pool',
  description: 'Takes minutes: wait for the pool. The pool must be deallocated.',
  effect: 'write',
  input: { minionPoolId },
  output: poolView,
  run: (coriolis, { minionPoolId: id }) => startPoolAction(coriolis, id, 'allocate'),
  ...poolHooks('ALLOCATED'),
});

const refresh = defineOperation({
  resource: 'minionPool',
  name: 'refresh',
  title: 'Refresh',
  tool: 'refresh_minion_pool',
  summary: 'Check and repair the machines of a minion pool',
  description: 'The pool stays ALLOCATED; a wait ends when the work on its machines has ended.',
  effect: 'write',
  input: { minionPoolId },
  output: poolView,
  run: (coriolis, { minionPoolId: id }) => startPoolAction(coriolis, id, 'refresh'),
  ...poolHooks('ALLOCATED'),
});

const deallocate = defineOperation({
  resource: 'minionPool',
  name: 'deallocate',
  title: 'Deallocate',
  tool: 'deallocate_minion_pool',
  summary: 'Remove the machines of a minion pool',
  description:
    'Takes minutes: wait for the pool to be deallocated. Refused while machines are in use, unless forced.',
  effect: 'write',
  input: {
    minionPoolId,
    force: flag('Force', 'Whether to remove machines that are in use as well.', {
      effect: 'destroy',
      caution: 'Runs that use these machines fail.',
    }),
  },
  output: poolView,
  preview: (coriolis, { minionPoolId: id }) => previewForcedDeallocation(coriolis, id),
  run: (coriolis, { minionPoolId: id, force }) => startPoolAction(coriolis, id, 'deallocate', { force }),
  ...poolHooks('DEALLOCATED'),
});

const wait = defineOperation({
  resource: 'minionPool',
  name: 'wait',
  title: 'Wait',
  tool: 'wait_for_minion_pool',
  summary: 'Wait until a minion pool is allocated, refreshed or deallocated',
  description:
    'Ends as completed, failed, canceled (it went the other way), stalled or timed_out; then wait again.',
  effect: 'read',
  wait: { timeoutInput: 'timeoutSeconds' },
  input: {
    minionPoolId,
    goal: choice(
      'Goal',
      'State to wait for.',
      [
        { value: 'allocated', title: 'Allocated' },
        { value: 'deallocated', title: 'Deallocated' },
      ],
      { default: 'allocated' },
    ),
    ...waitFields,
  },
  output: waitResultView,
  result: { whole: true },
  run: (coriolis, { minionPoolId: id, goal, ...limits }) =>
    waitForOne(
      coriolis,
      { kind: 'minion_pool', minionPoolId: id, goal: goal === 'allocated' ? 'ALLOCATED' : 'DEALLOCATED' },
      limits,
    ),
});

export const minionPoolOperations = [
  list,
  get,
  create,
  update,
  remove,
  allocate,
  refresh,
  deallocate,
  wait,
] as const;
