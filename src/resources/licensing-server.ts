import { InvalidInputError, NotFoundError } from '../api/errors';
import { path } from '../api/path';
import type { Coriolis } from '../api/coriolis';
import { reference } from '../vocabulary/fields';
import type { JsonObject } from '../model/json';
import type { Window } from '../vocabulary/window';

/**
 * Client of the licensing server (coriolis-api.md §14), a separate product. It has appliances with licences, and
 * reservations that transfers make.
 */

export const server = ({ client }: Coriolis) => client.service('coriolis-licensing');

export const applianceId = reference('appliance', 'Appliance', 'Id of the appliance.');
/** Optional appliance id. Most licensing servers have only one appliance. */
export const applianceOrOnly = reference('appliance', 'Appliance', 'Its id; the only one when left out.', {
  optional: true,
});
export const licenceId = reference('licence', 'Licence', 'Id of the licence.', { within: 'applianceId' });
export const reservationId = reference('reservation', 'Reservation', 'Id of the reservation.', {
  within: 'applianceId',
});

export interface Identified {
  readonly id: string;
}

export interface Licence extends Identified {
  readonly licence_version?: string;
  readonly issue_date?: string;
  readonly period_start?: string;
  readonly period_end?: string;
  readonly migrations?: number;
  readonly replicas?: number;
}

/** Input of the lists of an appliance. */
export interface OfAppliance {
  /** Appliance id; undefined for the only appliance. */
  readonly applianceId: string | undefined;
}

export interface Reservation extends Identified {
  readonly appliance_id?: string;
  readonly licence_id?: string | null;
  readonly type?: string;
  readonly count?: number;
  readonly created_at?: string;
  readonly fulfilled_at?: string | null;
}

export type ApplianceStatus = JsonObject & { readonly appliance_id: string };

export const appliances = async (coriolis: Coriolis): Promise<readonly Identified[]> =>
  (await server(coriolis).get<{ appliances: Identified[] }>('/appliances')).appliances;

/**
 * The given appliance, or the only one.
 * @throws {InvalidInputError} there are several
 * @throws {NotFoundError} there is none
 */
export async function applianceMeant(coriolis: Coriolis, given: string | undefined): Promise<string> {
  if (given !== undefined) return given;
  const [only, ...others] = await appliances(coriolis);
  if (only === undefined) {
    throw new NotFoundError('The licensing server knows no appliance.', {
      advice: 'Create one, and register its licences.',
    });
  }
  if (others.length === 0) return only.id;
  throw new InvalidInputError(`The licensing server knows ${others.length + 1} appliances: name one.`, {
    field: 'applianceId',
    advice: `They are ${[only, ...others]
      .slice(0, SHOWN)
      .map(({ id }) => id)
      .join(', ')}${others.length >= SHOWN ? ' and others' : ''}.`,
  });
}

const SHOWN = 10;

export const licences = async (coriolis: Coriolis, appliance: string): Promise<readonly Licence[]> =>
  (await server(coriolis).get<{ licences: Licence[] }>(path`/appliances/${appliance}/licences`)).licences;

export const reservations = async (coriolis: Coriolis, appliance: string): Promise<readonly Reservation[]> =>
  (await server(coriolis).get<{ reservations: Reservation[] }>(path`/appliances/${appliance}/reservations`))
    .reservations;

/** Fetches the licence status of an appliance. */
export const fetchApplianceStatus = async (coriolis: Coriolis, id: string): Promise<ApplianceStatus> =>
  (await server(coriolis).get<{ appliance_licence_status: ApplianceStatus }>(path`/appliances/${id}/status`))
    .appliance_licence_status;

/** `run` and `position` of a list that comes in one answer. Positions are row ids. */
export const inOneAnswer = <Input, Row extends Identified>(
  rowsOf: (coriolis: Coriolis, input: Input) => Promise<readonly Row[]>,
) => ({
  position: ({ id }: Row) => id,
  async *run(coriolis: Coriolis, input: Input, { after }: Window) {
    const rows = [...(await rowsOf(coriolis, input))].sort((one, other) => (one.id < other.id ? -1 : 1));
    for (const row of rows) if (after === undefined || row.id > after) yield row;
  },
});

/** Finds the row that a lost answer created: the one that was not there before. */
export const newcomer = async <Row extends Identified>(
  before: readonly Row[],
  now: Promise<readonly Row[]>,
) => (await now).find(({ id }) => !before.some((known) => known.id === id));
