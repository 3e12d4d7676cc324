import { choice, list, number, reference, text } from '../vocabulary/fields';
import { scenarios } from '../resources/payload';
import type { EventFilter, EventKind } from './event';
import { defaultLimits } from './limits';

/** What a watcher can be asked for, as choices; a form may let several be chosen. */
export const kinds = choice('Events', 'What to watch for.', [
  {
    value: 'deployment',
    title: 'Deployment Finished',
    description: 'A deployment (migration) completed, failed or was canceled',
  },
  {
    value: 'execution',
    title: 'Execution Finished',
    description: 'An execution (sync) completed, failed or was canceled',
  },
  {
    value: 'execution_stalled',
    title: 'Execution Stalled',
    description: 'An execution goes on but has shown no progress for a while; once for each execution',
  },
  {
    value: 'execution_started',
    title: 'Execution Started',
    description: 'An execution began, whoever or whatever started it',
  },
  {
    value: 'minion_pool_error',
    title: 'Minion Pool in Error',
    description: 'A minion pool went into ERROR',
  },
  {
    value: 'replica_overdue',
    title: 'Replica Older Than Its RPO',
    description: 'The last completed sync of a replica lies back too long; again after the next sync',
  },
  {
    value: 'schedule_missed',
    title: 'Scheduled Run Did Not Happen',
    description: 'No sync began when a schedule had planned one; once for each planned time',
  },
] as const satisfies ReadonlyArray<{ value: EventKind; title: string; description: string }>);

/** When something counts as too long ago, for the kinds that are named. */
export const limitFields = {
  rpoHours: {
    kinds: ['replica_overdue'],
    field: number(
      'RPO in Hours',
      'Recovery point objective: hours that the last completed sync may lie back.',
      {
        default: defaultLimits.rpoHours,
        minimum: 1,
        maximum: 8760,
      },
    ),
  },
  graceMinutes: {
    kinds: ['schedule_missed'],
    field: number('Grace in Minutes', 'Minutes after its planned time that a scheduled run may begin.', {
      default: defaultLimits.graceMinutes,
      minimum: 2,
      maximum: 1440,
    }),
  },
  stallMinutes: {
    kinds: ['execution_stalled'],
    field: number(
      'Stalled After Minutes',
      'Minutes without any progress until an execution counts as stalled.',
      {
        default: defaultLimits.stallMinutes,
        minimum: 5,
        maximum: 10_080,
      },
    ),
  },
} as const;

/** What changes nothing of what is told. */
export const optionFields = {
  webAddress: text(
    'Web Interface Address',
    'Address of the Coriolis web interface; events then carry a link to the page they are about.',
    { optional: true, placeholder: 'https://coriolis.example.com' },
  ),
} as const;

/** Narrows what is told. All of it is optional, and what is left out accepts everything. */
export const filterChoices = {
  outcomes: choice(
    'Outcomes',
    'Only those that ended so; events of what has not ended are told whatever is chosen here.',
    [
      { value: 'completed', title: 'Completed' },
      { value: 'failed', title: 'Failed' },
      { value: 'canceled', title: 'Canceled' },
    ],
    { optional: true },
  ),
  scenarios: choice('Scenarios', 'Only those of transfers of these scenarios.', scenarios, {
    optional: true,
  }),
  types: choice(
    'Execution Types',
    'Only executions of these types; deployments are told whatever is chosen here.',
    [
      { value: 'transfer_execution', title: 'Sync' },
      { value: 'transfer_disks_delete', title: 'Deletion of Disks' },
      { value: 'transfer_update', title: 'Update' },
    ],
    { optional: true },
  ),
} as const;

export const filterFields = {
  endpointId: reference('endpoint', 'Endpoint', 'Only those from or to this endpoint.', { optional: true }),
  originEndpointId: reference('endpoint', 'Origin Endpoint', 'Only those from this endpoint.', {
    optional: true,
  }),
  destinationEndpointId: reference('endpoint', 'Destination Endpoint', 'Only those to this endpoint.', {
    optional: true,
  }),
  transferId: reference('transfer', 'Transfer (Replica)', 'Only those of this transfer.', { optional: true }),
  transferIds: list('Transfer', 'Only those of these transfers.', {
    optional: true,
    of: { resource: 'transfer' },
  }),
  notes: text(
    'Notes Contain',
    'Only those whose notes, the name in the web interface, contain this text: a project name, a wave.',
    { optional: true, placeholder: 'Project Alpha' },
  ),
  tag: text('Tag', 'Only those whose notes contain this word with a # before it, as in "db-01 #nightly".', {
    optional: true,
    placeholder: 'nightly',
  }),
} as const;

/** What was chosen, as the watcher takes it. Types are those of executions: deployments pass whatever they are. */
export function filterOf(chosen: {
  readonly outcomes?: readonly string[];
  readonly scenarios?: readonly string[];
  readonly types?: readonly string[];
  readonly endpointId?: string | undefined;
  readonly originEndpointId?: string | undefined;
  readonly destinationEndpointId?: string | undefined;
  readonly transferId?: string | undefined;
  readonly transferIds?: readonly string[] | undefined;
  readonly notes?: string | undefined;
  readonly tag?: string | undefined;
}): EventFilter {
  const one = (id: string | undefined): readonly string[] => (id === undefined ? [] : [id]);
  const {
    outcomes = [],
    scenarios: wanted = [],
    types = [],
    transferIds = [],
    notes = '',
    tag = '',
  } = chosen;
  return {
    outcomes,
    scenarios: wanted,
    types: types.length === 0 ? [] : [...types, 'deployment'],
    endpointIds: one(chosen.endpointId),
    originEndpointIds: one(chosen.originEndpointId),
    destinationEndpointIds: one(chosen.destinationEndpointId),
    transferIds: [...one(chosen.transferId), ...transferIds],
    notes,
    tag,
  };
}
