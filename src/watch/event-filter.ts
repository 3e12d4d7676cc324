import type { TransferOrDeployment, Deployment, Transfer } from '../model/api-objects';
import { hasTag } from '../model/note-tags';
import type { EventDraft } from './event-view';

/** Filter of the reported events; an absent or empty list accepts everything. */
export interface EventFilter {
  /** Outcomes of finished runs; events without an outcome pass. */
  readonly outcomes?: readonly string[] | undefined;
  readonly transferIds?: readonly string[] | undefined;
  /** Ids of endpoints, as source or destination. */
  readonly endpointIds?: readonly string[] | undefined;
  readonly originEndpointIds?: readonly string[] | undefined;
  readonly destinationEndpointIds?: readonly string[] | undefined;
  readonly scenarios?: readonly string[] | undefined;
  /** Execution types; an event whose execution was deleted has none and passes. */
  readonly types?: readonly string[] | undefined;
  /** Text that the notes contain, in upper or lower case. */
  readonly notes?: string | undefined;
  /** Hashtag in the notes, without #: "nightly" for "Database #nightly". */
  readonly tag?: string | undefined;
}

type EndpointIds = Readonly<Record<'origin_endpoint_id' | 'destination_endpoint_id', string | null>>;

/** Whether one of the values is in the list, or the list is absent or empty. */
const accepts = (
  wanted: readonly string[] | undefined,
  ...values: ReadonlyArray<string | null | undefined>
): boolean =>
  wanted === undefined ||
  wanted.length === 0 ||
  values.some((value) => typeof value === 'string' && wanted.includes(value));

const hasNotes = (notes: string | null, { notes: text = '', tag = '' }: EventFilter): boolean =>
  (notes ?? '').toLowerCase().includes(text.trim().toLowerCase()) && hasTag(notes, tag);

/** Whether the filter accepts events of an object with these endpoints. */
export const acceptsEndpoints = (
  { origin_endpoint_id: origin, destination_endpoint_id: destination }: EndpointIds,
  filter: EventFilter,
): boolean =>
  accepts(filter.endpointIds, origin, destination) &&
  accepts(filter.originEndpointIds, origin) &&
  accepts(filter.destinationEndpointIds, destination);

function acceptsAction(
  action: Pick<TransferOrDeployment, 'notes' | 'origin_endpoint_id' | 'destination_endpoint_id'>,
  of: { readonly transferId: string | null; readonly scenario: string | null | undefined },
  filter: EventFilter,
): boolean {
  return (
    accepts(filter.transferIds, of.transferId) &&
    accepts(filter.scenarios, of.scenario) &&
    acceptsEndpoints(action, filter) &&
    hasNotes(action.notes, filter)
  );
}

/**
 * Whether the filter accepts events of this transfer. Filters that need the event itself are left to `acceptsEvent`.
 */
export const acceptsTransfer = (transfer: Transfer, filter: EventFilter): boolean =>
  acceptsAction(transfer, { transferId: transfer.id, scenario: transfer.scenario }, filter);

/** Whether the filter accepts events of this deployment. Filters that need the event are left to `acceptsEvent`. */
export const acceptsDeployment = (deployment: Deployment, filter: EventFilter): boolean =>
  acceptsAction(
    deployment,
    { transferId: deployment.transfer_id, scenario: deployment.transfer_scenario_type },
    filter,
  );

/**
 * Whether the filter accepts the properties that only the event has: outcome and type.
 * The filter is applied to events, never to the cursor, so that changing the filter neither repeats nor loses events.
 */
export function acceptsEvent(event: EventDraft, filter: EventFilter): boolean {
  return (
    (event.outcome === null || accepts(filter.outcomes, event.outcome)) &&
    (event.type === null || accepts(filter.types, event.type))
  );
}
