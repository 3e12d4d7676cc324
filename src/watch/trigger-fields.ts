import { choice, list, reference, text } from '../vocabulary/field-constructors';
import { scenarios } from '../fields/transfer-fields';
import { eventsInPollOrder } from './event-kinds';
import type { EventFilter } from './event-filter';

/** Choice of events for forms, sorted by title. A form may let users choose several. */
export const eventsField = choice(
  'Events',
  'Events to watch.',
  eventsInPollOrder
    .map(({ kind, title, description }) => ({ value: kind, title, description }))
    .toSorted((a, b) => a.title.localeCompare(b.title)),
);

/** Settings of the events by name. Forms show a setting when one of its `kinds` is chosen. */
export const eventSettingFields = Object.fromEntries(
  eventsInPollOrder.flatMap(({ kind, settings }) =>
    Object.entries(settings).map(([name, field]) => [name, { kinds: [kind], field }] as const),
  ),
);

/** Options that change only the contents of events, not which are reported. */
export const eventContentFields = {
  webAddress: text(
    'Web Interface Address',
    'Address of the Coriolis web interface. Each event then has a link to its page. Leave it empty when the credential has the address.',
    { optional: true, placeholder: 'https://coriolis.example.com' },
  ),
} as const;

/** Filters with fixed choices. All filters are optional, and a filter that is left out accepts everything. */
export const filterChoices = {
  outcomes: choice(
    'Outcomes',
    'Only runs with these outcomes. Events of runs that have not ended are reported whatever is chosen here.',
    [
      { value: 'completed', title: 'Completed' },
      { value: 'failed', title: 'Failed' },
      { value: 'canceled', title: 'Canceled' },
    ],
    { optional: true },
  ),
  scenarios: choice('Scenarios', 'Only events of transfers with these scenarios.', scenarios, {
    optional: true,
  }),
  types: choice(
    'Execution Types',
    'Only executions of these types. Deployments are reported whatever is chosen here.',
    [
      { value: 'transfer_execution', title: 'Sync' },
      { value: 'transfer_disks_delete', title: 'Deletion of Disks' },
      { value: 'transfer_update', title: 'Update' },
    ],
    { optional: true },
  ),
} as const;

/** Filters without fixed choices. */
export const filterFields = {
  endpointId: reference('endpoint', 'Endpoint', 'Only events of transfers from or to this endpoint.', {
    optional: true,
  }),
  originEndpointId: reference('endpoint', 'Origin Endpoint', 'Only events of transfers from this endpoint.', {
    optional: true,
  }),
  destinationEndpointId: reference(
    'endpoint',
    'Destination Endpoint',
    'Only events of transfers to this endpoint.',
    {
      optional: true,
    },
  ),
  transferId: reference('transfer', 'Transfer (Replica)', 'Only events of this transfer.', {
    optional: true,
  }),
  transferIds: list('Transfer', 'Only events of these transfers.', {
    optional: true,
    of: { resource: 'transfer' },
  }),
  notes: text(
    'Notes Contain',
    'Only events of transfers whose notes (the name in the web interface) contain this text, such as a project or a wave.',
    { optional: true, placeholder: 'Project Alpha' },
  ),
  tag: text(
    'Tag',
    'Only events of transfers whose notes contain this word after a #, as in "db-01 #nightly".',
    {
      optional: true,
      placeholder: 'nightly',
    },
  ),
} as const;

/** Makes a filter from the chosen values. Chosen execution types do not exclude deployments. */
export function makeEventFilter(chosen: {
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
