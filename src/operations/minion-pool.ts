import { InvalidInputError } from '../api/errors';
import type { Coriolis } from '../api/coriolis';
import type { InputOf } from '../vocabulary/field';
import { choice, flag, form, number, reference, text } from '../vocabulary/field-constructors';
import { withoutUndefined } from '../model/json';
import { hasChanges } from '../model/same-settings';
import type { PoolGoal } from '../model/minion-pool';
import type { MinionPool } from '../model/types';
import { defineList, defineOperation } from '../operation';
import { type NextCall } from '../vocabulary/next-call';
import { poolTarget } from '../waiting/pool-target';
import { waitForOne } from '../waiting/wait';
import { waitResultView } from '../waiting/wait-result';
import { deletedView, waitFields } from '../resources/inputs';
import { unpagedRows } from '../resources/listing';
import {
  actOnPool,
  findCreatedPools,
  poolRowView,
  poolView,
  previewMachineLoss,
} from '../resources/minion-pool';
import { createOne, deleteOne, fetchOne, requireChanges, updateOne } from '../resources/objects';
import { STORED_NAME, STORED_NOTES } from '../resources/stored';

const minionPoolId = reference('minionPool', 'Minion Pool', 'Id or unique name.');

/**
 * Default idle time in seconds. The server's own default of 1 s releases machines between two tasks
 * (docs/reference/coriolis-api.md §6.6).
 */
const idleSeconds = 3600;

const osTypes = ['linux', 'windows', 'bsd', 'osx', 'solaris'].map((value) => ({ value, title: value }));

const retention = [
  { value: 'delete', title: 'Delete' },
  { value: 'poweroff', title: 'Power Off' },
] as const;

/** Next call after an action on a pool: a wait for the resulting status. */
const waitUntil = (minionPoolId: string, goal: PoolGoal): readonly NextCall[] => [
  { operation: 'minionPool.wait', input: { minionPoolId, goal: goal.toLowerCase() } },
];

const list = defineList({
  resource: 'minionPool',
  name: 'getAll',
  title: 'Get Many',
  tool: 'list_minion_pools',
  summary: 'List minion pools, the helper machines kept ready on endpoints',
  description: 'Only allocated pools can be used.',
  effect: 'read',
  input: {},
  output: poolRowView,
  position: unpagedRows.position,
  run: (coriolis, _input, window) => unpagedRows(coriolis, 'minionPool', [], window),
});

const get = defineOperation({
  resource: 'minionPool',
  name: 'get',
  title: 'Get',
  tool: 'get_minion_pool',
  summary: 'Get a minion pool with its machines',
  description: 'Shows its machines and its newest error.',
  effect: 'read',
  input: { minionPoolId },
  output: poolView,
  run: (coriolis, { minionPoolId: id }) => fetchOne(coriolis, 'minionPool', id),
});

const createInput = {
  name: text('Name', 'Name of the pool; need not be unique.', { stored: STORED_NAME }),
  endpointId: reference(
    'endpoint',
    'Endpoint',
    'Endpoint to keep machines on, by its id or exact unique name.',
  ),
  platform: choice('Platform', 'Which side of a migration they help on.', [
    { value: 'source', title: 'Source' },
    { value: 'destination', title: 'Destination' },
  ]),
  osType: choice('OS Type', 'Operating system of the machines.', osTypes, { default: 'linux' }),
  environmentOptions: form(
    'minionPool',
    'endpointId',
    'Environment Options',
    'Options as the minion pool schema of the platform names them.',
  ),
  minimumMinions: number('Minimum Minions', 'Machines to keep.', { default: 1, minimum: 1, maximum: 1000 }),
  maximumMinions: number('Maximum Minions', 'Machines at most; the minimum when left out.', {
    optional: true,
    minimum: 1,
    maximum: 1000,
  }),
  minionMaxIdleTime: number('Maximum Idle Time (Seconds)', 'Release an idle machine after so many seconds.', {
    default: idleSeconds,
    minimum: 1,
  }),
  minionRetentionStrategy: choice('Retention Strategy', 'What happens to idle machines.', retention, {
    default: 'delete',
  }),
  notes: text('Notes', 'Text for people.', { optional: true, advanced: true, stored: STORED_NOTES }),
  skipAllocation: flag('Skip Allocation', 'Whether to create it without machines.', { advanced: true }),
};

const settingsOf = (input: InputOf<typeof createInput>) => ({
  name: input.name,
  endpoint_id: input.endpointId,
  platform: input.platform,
  os_type: input.osType,
  environment_options: input.environmentOptions,
  minimum_minions: input.minimumMinions,
  maximum_minions: input.maximumMinions ?? input.minimumMinions,
  minion_max_idle_time: input.minionMaxIdleTime,
  minion_retention_strategy: input.minionRetentionStrategy,
  notes: input.notes,
});

/** Creates a pool; its machines are allocated at once unless that is skipped. */
async function createPool(coriolis: Coriolis, input: InputOf<typeof createInput>): Promise<MinionPool> {
  const { maximum_minions: maximum } = settingsOf(input);
  if (maximum < input.minimumMinions) {
    throw new InvalidInputError(
      `Maximum Minions (${maximum}) must not be less than Minimum Minions (${input.minimumMinions}).`,
      { field: 'maximumMinions' },
    );
  }
  const body = { ...withoutUndefined(settingsOf(input)), skip_allocation: input.skipAllocation };
  return await createOne(coriolis, 'minionPool', [], body, {
    slow: true,
    find: (createdSince) => findCreatedPools(coriolis, comparableSettings(input), createdSince),
  });
}

/** Settings as the server shows them. */
const comparableSettings = (input: InputOf<typeof createInput>) => ({
  ...settingsOf(input),
  notes: input.notes ?? null,
});

const create = defineOperation({
  resource: 'minionPool',
  name: 'create',
  title: 'Create',
  tool: 'create_minion_pool',
  summary: 'Create a minion pool on an endpoint',
  description: 'Allocation begins at once and takes minutes unless skipped. Source pools must be linux.',
  effect: 'write',
  input: createInput,
  output: poolView,
  run: createPool,
  retry: {
    findDuplicates: (coriolis, input, isRecent) =>
      findCreatedPools(coriolis, comparableSettings(input), isRecent),
    durable: true,
    notCompared: 'Skip Allocation',
    // A pool with machines cannot be deleted, so they come when it is certain that this pool stays.
    steps: {
      create: (coriolis, input) => createPool(coriolis, { ...input, skipAllocation: true }),
      start: async (coriolis, pool, { skipAllocation }) =>
        skipAllocation ? pool : await actOnPool(coriolis, pool.id, 'allocate'),
    },
    withdraw: (coriolis, { id }) => deleteOne(coriolis, 'minionPool', id),
  },
  completion: {
    target: ({ id }, { skipAllocation }) => (skipAllocation ? undefined : poolTarget(id, 'ALLOCATED')),
    reload: (coriolis, { id }) => fetchOne(coriolis, 'minionPool', id),
  },
  next: ({ id, status }) => (status === 'DEALLOCATED' ? [] : waitUntil(id, 'ALLOCATED')),
});

const update = defineOperation({
  resource: 'minionPool',
  name: 'update',
  title: 'Update',
  tool: 'update_minion_pool',
  summary: 'Update a deallocated minion pool',
  description: 'Only what is given changes.',
  effect: 'write',
  idempotent: true,
  input: {
    minionPoolId,
    name: text('Name', 'New name.', { optional: true, stored: STORED_NAME }),
    osType: choice('OS Type', 'Operating system of the machines.', osTypes, { optional: true }),
    environmentOptions: form(
      'minionPool',
      'minionPoolId',
      'Environment Options',
      'New options of the platform.',
      { optional: true },
    ),
    minimumMinions: number('Minimum Minions', 'Machines to keep.', {
      optional: true,
      minimum: 1,
      maximum: 1000,
    }),
    maximumMinions: number('Maximum Minions', 'Machines at most.', {
      optional: true,
      minimum: 1,
      maximum: 1000,
    }),
    minionMaxIdleTime: number(
      'Maximum Idle Time (Seconds)',
      'Release an idle machine after so many seconds.',
      {
        optional: true,
        minimum: 1,
      },
    ),
    minionRetentionStrategy: choice('Retention Strategy', 'What happens to idle machines.', retention, {
      optional: true,
    }),
    notes: text('Notes', 'New notes.', { optional: true, advanced: true, stored: STORED_NOTES }),
  },
  output: poolView,
  async run(coriolis, input) {
    const { minionPoolId: id } = input;
    const changes = withoutUndefined({
      name: input.name,
      os_type: input.osType,
      environment_options: input.environmentOptions,
      minimum_minions: input.minimumMinions,
      maximum_minions: input.maximumMinions,
      minion_max_idle_time: input.minionMaxIdleTime,
      minion_retention_strategy: input.minionRetentionStrategy,
      notes: input.notes,
    });
    requireChanges(changes, 'at least one setting');
    return await updateOne(coriolis, 'minionPool', [id], changes, {
      slow: true,
      async find() {
        const pool = await fetchOne(coriolis, 'minionPool', id);
        return hasChanges(pool, changes) ? pool : undefined;
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
  whole: true,
  input: { minionPoolId },
  output: deletedView,
  async preview(coriolis, { minionPoolId: id }) {
    const preview = await previewMachineLoss(coriolis, id, [
      'Its settings are lost; transfers that name it fail.',
    ]);
    const deletable = ['DEALLOCATED', 'ERROR'].includes(preview.subject.status);
    return deletable
      ? preview
      : { ...preview, refusal: `it is ${preview.subject.status}: deallocate it first` };
  },
  run: (coriolis, { minionPoolId: id }) => deleteOne(coriolis, 'minionPool', id),
});

/** Hooks of an action on a pool: the wait target and the next call, both for the resulting status. */
const until = (goal: PoolGoal) => ({
  completion: {
    target: ({ id }: MinionPool) => poolTarget(id, goal),
    reload: (coriolis: Coriolis, { id }: MinionPool) => fetchOne(coriolis, 'minionPool', id),
  },
  next: ({ id }: Pick<MinionPool, 'id'>) => waitUntil(id, goal),
});

const allocate = defineOperation({
  resource: 'minionPool',
  name: 'allocate',
  title: 'Allocate',
  tool: 'allocate_minion_pool',
  summary: 'Allocate the machines of a minion pool',
  description: 'Takes minutes: wait for the pool. It must be deallocated.',
  effect: 'write',
  input: { minionPoolId },
  output: poolView,
  run: (coriolis, { minionPoolId: id }) => actOnPool(coriolis, id, 'allocate'),
  ...until('ALLOCATED'),
});

const refresh = defineOperation({
  resource: 'minionPool',
  name: 'refresh',
  title: 'Refresh',
  tool: 'refresh_minion_pool',
  summary: 'Check and repair the machines of a minion pool',
  description: 'The pool stays ALLOCATED; a wait ends with the work on its machines.',
  effect: 'write',
  input: { minionPoolId },
  output: poolView,
  run: (coriolis, { minionPoolId: id }) => actOnPool(coriolis, id, 'refresh'),
  ...until('ALLOCATED'),
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
  preview: (coriolis, { minionPoolId: id }) =>
    previewMachineLoss(coriolis, id, [
      'All its machines are removed, also those in use: runs that use them fail.',
    ]),
  run: (coriolis, { minionPoolId: id, force }) => actOnPool(coriolis, id, 'deallocate', { force }),
  ...until('DEALLOCATED'),
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
  whole: true,
  boundedBy: 'timeoutSeconds',
  input: {
    minionPoolId,
    goal: choice(
      'Goal',
      'What it shall become.',
      [
        { value: 'allocated', title: 'Allocated' },
        { value: 'deallocated', title: 'Deallocated' },
      ],
      { default: 'allocated' },
    ),
    ...waitFields,
  },
  output: waitResultView,
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
