import { InvalidInputError } from '../../api/errors';
import type { Transfer } from '../../model/api-objects';

/** Conditions for the transfers that a drill rehearses. A transfer must meet all that are given. */
export interface DrillGroupConditions {
  readonly transferIds: readonly string[] | undefined;
  /** Text in notes or instances. */
  readonly search: string | undefined;
  /** Id of the origin or destination endpoint. */
  readonly endpointId: string | undefined;
}

/** Makes a predicate that accepts the transfers of a group. */
export const makeDrillGroupFilter =
  ({ transferIds, search, endpointId }: DrillGroupConditions) =>
  (transfer: Transfer): boolean => {
    const needle = search?.toLowerCase();
    return (
      (transferIds === undefined || transferIds.includes(transfer.id)) &&
      (endpointId === undefined ||
        [transfer.origin_endpoint_id, transfer.destination_endpoint_id].includes(endpointId)) &&
      (needle === undefined ||
        [transfer.notes ?? '', ...transfer.instances].some((text) => text.toLowerCase().includes(needle)))
    );
  };

/**
 * Refuses a group without conditions, which would contain every transfer of the project.
 *
 * @throws {InvalidInputError} no condition is given
 */
export function requireDrillGroupConditions({ transferIds, search, endpointId }: DrillGroupConditions): void {
  if (transferIds !== undefined || search !== undefined || endpointId !== undefined) return;
  throw new InvalidInputError('A drill needs a group of transfers.', {
    field: 'search',
    advice: 'Give a text in the notes, an endpoint, or a list of transfers.',
  });
}
