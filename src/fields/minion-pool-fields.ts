import { withoutUndefined } from '../model/json';
import type { InputOf } from '../vocabulary/field';
import { choice, duration, flag, form, number, reference, text } from '../vocabulary/field-constructors';
import { MAX_NAME_LENGTH, MAX_NOTES_LENGTH } from './max-text-lengths';

/**
 * Default of the maximum idle time, in seconds. The server's own default of 1 s would release machines between two
 * tasks (docs/reference/coriolis-api.md §6.6).
 */
const idleSeconds = 3600;

const osTypes = ['linux', 'windows', 'bsd', 'osx', 'solaris'].map((value) => ({ value, title: value }));

const retention = [
  { value: 'delete', title: 'Delete' },
  { value: 'poweroff', title: 'Power Off' },
] as const;

/** Accepted numbers of machines in a pool. */
const minionsInPool = { minimum: 1, maximum: 1000 };

/** Input fields of a new pool. */
export const newPoolFields = {
  name: text('Name', 'Name of the pool; need not be unique.', { stored: MAX_NAME_LENGTH }),
  endpointId: reference(
    'endpoint',
    'Endpoint',
    'Endpoint to keep machines on, by its id or exact unique name.',
  ),
  platform: choice('Platform', 'Side of a migration that the machines serve.', [
    { value: 'source', title: 'Source' },
    { value: 'destination', title: 'Destination' },
  ]),
  osType: choice('OS Type', 'Operating system of the machines.', osTypes, { default: 'linux' }),
  environmentOptions: form(
    'minionPool',
    'endpointId',
    'Environment Options',
    'Options of the pool, by the minion pool schema of the platform.',
  ),
  minimumMinions: number('Minimum Minions', 'Minimum number of machines.', {
    default: 1,
    ...minionsInPool,
  }),
  maximumMinions: number('Maximum Minions', 'Maximum number of machines; the minimum when left out.', {
    optional: true,
    ...minionsInPool,
  }),
  minionMaxIdleTime: duration('Maximum Idle Time', 'Seconds after which an idle machine is released.', {
    default: idleSeconds,
    minimum: 1,
  }),
  minionRetentionStrategy: choice('Retention Strategy', 'What happens to idle machines.', retention, {
    default: 'delete',
  }),
  notes: text('Notes', 'Free text for people.', { optional: true, advanced: true, stored: MAX_NOTES_LENGTH }),
  skipAllocation: flag('Skip Allocation', 'Whether to create the pool without machines.', { advanced: true }),
};

/** Makes the settings of a new pool for a request body. */
export const makeNewPoolRequestBody = (input: InputOf<typeof newPoolFields>) => ({
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

/** Settings of a new pool in the form in which the server returns them, for comparison. */
export const toComparablePoolSettings = (input: InputOf<typeof newPoolFields>) => ({
  ...makeNewPoolRequestBody(input),
  notes: input.notes ?? null,
});

/** Input fields for changing the settings of a pool. */
export const poolChangeFields = {
  name: text('Name', 'New name.', { optional: true, stored: MAX_NAME_LENGTH }),
  osType: choice('OS Type', 'Operating system of the machines.', osTypes, { optional: true }),
  environmentOptions: form(
    'minionPool',
    'minionPoolId',
    'Environment Options',
    'New options of the platform.',
    { optional: true },
  ),
  minimumMinions: number('Minimum Minions', 'Minimum number of machines.', {
    optional: true,
    ...minionsInPool,
  }),
  maximumMinions: number('Maximum Minions', 'Maximum number of machines.', {
    optional: true,
    ...minionsInPool,
  }),
  minionMaxIdleTime: duration('Maximum Idle Time', 'Seconds after which an idle machine is released.', {
    optional: true,
    minimum: 1,
  }),
  minionRetentionStrategy: choice('Retention Strategy', 'What happens to idle machines.', retention, {
    optional: true,
  }),
  notes: text('Notes', 'New notes.', { optional: true, advanced: true, stored: MAX_NOTES_LENGTH }),
};

/** Makes the request body of an update: only the settings that are given. */
export const makePoolChangesRequestBody = (input: InputOf<typeof poolChangeFields>) =>
  withoutUndefined({
    name: input.name,
    os_type: input.osType,
    environment_options: input.environmentOptions,
    minimum_minions: input.minimumMinions,
    maximum_minions: input.maximumMinions,
    minion_max_idle_time: input.minionMaxIdleTime,
    minion_retention_strategy: input.minionRetentionStrategy,
    notes: input.notes,
  });
