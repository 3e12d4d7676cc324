import { formatCount } from '../../model/display-texts';
/** Input of operations on an appliance. */

import type { Coriolis } from '../../api/operation-context';
import { NotFoundError, InvalidInputError } from '../../api/errors';
import { path } from '../../api/request-path';
import { view, key } from '../../vocabulary/result-keys';
import { type ObjectWithId, makeLicensingClient } from './licensing-server';

export interface ApplianceInput {
  /** Id of the appliance; undefined for the only appliance of the licensing server. */
  readonly applianceId: string | undefined;
}

export const applianceView = view<ObjectWithId>()({ id: key.text('Appliance id') });

export const fetchAppliances = async (coriolis: Coriolis): Promise<readonly ObjectWithId[]> =>
  (await makeLicensingClient(coriolis).get<{ appliances: ObjectWithId[] }>('/appliances')).appliances;

/** Maximum number of appliances that an error names. */
const SHOWN = 10;

/**
 * Returns the given appliance id, or the id of the only appliance.
 * @throws {InvalidInputError} no id is given and there are several appliances
 * @throws {NotFoundError} no id is given and there is no appliance
 */
export async function resolveApplianceId(coriolis: Coriolis, given: string | undefined): Promise<string> {
  if (given !== undefined) return given;
  const [only, ...others] = await fetchAppliances(coriolis);
  if (only === undefined) {
    throw new NotFoundError('The licensing server knows no appliance.', {
      advice: 'Create one, and register its licences.',
    });
  }
  if (others.length === 0) return only.id;
  throw new InvalidInputError(
    `The licensing server knows ${formatCount(others.length + 1, 'appliance')}: name one.`,
    {
      field: 'applianceId',
      advice: `They are ${[only, ...others]
        .slice(0, SHOWN)
        .map(({ id }) => id)
        .join(', ')}${others.length >= SHOWN ? ' and others' : ''}.`,
    },
  );
}

/** Reads an appliance. */
export const fetchAppliance = async (coriolis: Coriolis, id: string): Promise<ObjectWithId> =>
  (await makeLicensingClient(coriolis).get<{ appliance: ObjectWithId }>(path`/appliances/${id}`)).appliance;

/** Creates an appliance. */
export async function createAppliance(coriolis: Coriolis): Promise<ObjectWithId> {
  const known = (await fetchAppliances(coriolis)).map(({ id }) => id);
  const { appliance } = await makeLicensingClient(coriolis).post<{ appliance: ObjectWithId }>(
    '/appliances',
    undefined,
    {
      knownIds: known,
      requiresConfirmation: true,
      recover: async () => (await fetchAppliances(coriolis)).map((found) => ({ appliance: found })),
    },
  );
  return appliance;
}
