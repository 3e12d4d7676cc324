import { choice, reference } from '../fields';
import { scenarios } from '../operations/payload';
import type { EventFilter, EventKind } from './event';

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
] as const satisfies ReadonlyArray<{ value: EventKind; title: string; description: string }>);

/** Narrows what is told. All of it is optional, and what is left out accepts everything. */
export const filterChoices = {
  outcomes: choice(
    'Outcomes',
    'Only those that ended so.',
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

export const filterReferences = {
  endpointId: reference('endpoint', 'Endpoint', 'Only those from or to this endpoint.', { optional: true }),
  transferId: reference('transfer', 'Transfer (Replica)', 'Only those of this transfer.', { optional: true }),
} as const;

/** What was chosen, as the watcher takes it. Types are those of executions: deployments pass whatever they are. */
export function filterOf(chosen: {
  readonly outcomes?: readonly string[];
  readonly scenarios?: readonly string[];
  readonly types?: readonly string[];
  readonly endpointId?: string | undefined;
  readonly transferId?: string | undefined;
}): EventFilter {
  const { outcomes = [], scenarios: wanted = [], types = [], endpointId, transferId } = chosen;
  return {
    outcomes,
    scenarios: wanted,
    types: types.length === 0 ? [] : [...types, 'deployment'],
    endpointIds: endpointId === undefined ? [] : [endpointId],
    transferIds: transferId === undefined ? [] : [transferId],
  };
}
