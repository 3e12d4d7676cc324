import { InvalidInputError, NotFoundError } from '../api/errors';
import { path } from '../api/path';
import type { Coriolis } from '../api/coriolis';
import { reference } from '../vocabulary/fields';
import type { JsonObject } from '../model/json';
import type { Window } from '../vocabulary/window';

/**
 * The licensing server (coriolis-api.md §14): a product of its own, known through its clients. It licenses appliances, each
 * with licences and with reservations, which transfers take from them.
 */

export const server = ({ client }: Coriolis) => client.service('coriolis-licensing');

export const applianceId = reference('appliance', 'Appliance', 'Id of the appliance.');
/** For questions about all of an appliance: most licensing servers know only one. */
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

/** What the lists of an appliance are asked with. */
export interface OfAppliance {
  /** The only one when undefined. */
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
 * The appliance that is meant when none is named: the only one.
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

/** How much the licences of an appliance still allow. */
export const fetchApplianceStatus = async (coriolis: Coriolis, id: string): Promise<ApplianceStatus> =>
  (await server(coriolis).get<{ appliance_licence_status: ApplianceStatus }>(path`/appliances/${id}/status`))
    .appliance_licence_status;

/** How a list is run whose rows come in one answer: by their ids, so that a later window finds its place. */
export const inOneAnswer = <Input, Row extends Identified>(
  rowsOf: (coriolis: Coriolis, input: Input) => Promise<readonly Row[]>,
) => ({
  position: ({ id }: Row) => id,
  async *run(coriolis: Coriolis, input: Input, { after }: Window) {
    const rows = [...(await rowsOf(coriolis, input))].sort((one, other) => (one.id < other.id ? -1 : 1));
    for (const row of rows) if (after === undefined || row.id > after) yield row;
  },
});

/** Finds what a lost answer created: what is there now and was not before. */
export const newcomer = async <Row extends Identified>(
  before: readonly Row[],
  now: Promise<readonly Row[]>,
) => (await now).find(({ id }) => !before.some((known) => known.id === id));
