import { InvalidInputError, NotFoundError } from '../api/errors';
import { path } from '../api/path';
import type { Coriolis } from '../api/coriolis';
import { reference } from '../vocabulary/field-constructors';
import { key, view } from '../vocabulary/result-keys';
import type { JsonObject } from '../model/json';
import { countExpiries, licenceForecast, standardCount, type LicencedWork } from '../model/licence';
import type { ListRange } from '../vocabulary/list-range';

/**
 * Client of the licensing server (docs/reference/coriolis-api.md §14), a separate product. It has appliances with
 * licences, and reservations that transfers make.
 */

const server = ({ client }: Coriolis) => client.service('coriolis-licensing');

export const applianceId = reference('appliance', 'Appliance', 'Id of the appliance.');
/** Appliance id of operations on an appliance; optional, because most licensing servers have only one. */
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

/** Input of operations on an appliance. */
export interface ApplianceInput {
  /** Id of the appliance; undefined for the only one. */
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

/** Counts of an appliance's licences and reservations, in addition to its status. */
export interface LicenceSummary {
  readonly licences_expired: number;
  readonly licences_ending_soon: number;
  readonly reserved_migrations: number;
  readonly reserved_replicas: number;
  readonly migrations_run_out_at: string | null;
  readonly replicas_run_out_at: string | null;
}

/** Status of an appliance with the summary of its licences. */
export type SummarizedStatus = ApplianceStatus & { readonly summary: LicenceSummary };

/**
 * Kinds of errors which mean that the licensing server is missing or cannot be used, for results that can do without
 * it.
 */
export const LICENSING_UNAVAILABLE = [
  'capability',
  'forbidden',
  'not_found',
  'invalid_input',
  'unreachable',
  'timeout',
  'server',
  'protocol',
] as const;

export const applianceView = view<Identified>()({ id: key.text('Appliance id') });

export const licenceView = view<Licence>()({
  id: key.text('Licence id'),
  version: key.text('Kind of licence', ({ licence_version: version }: Licence) => version, {
    nullable: true,
  }),
  migrations: key.number('Migrations it allows', { nullable: true }),
  replicas: key.number('Replicas it allows', { nullable: true }),
  issued_at: key.text('Issued', ({ issue_date: date }: Licence) => date, { nullable: true }),
  valid_from: key.text('Start of its validity', ({ period_start: start }: Licence) => start, {
    nullable: true,
  }),
  valid_until: key.text('End of its validity', ({ period_end: end }: Licence) => end, { nullable: true }),
});

export const reservationView = view<Reservation>()({
  id: key.text('Reservation id'),
  licence_id: key.text('Licence it takes from', { nullable: true }),
  type: key.text('replica or migration', { nullable: true }),
  count: key.number('Machines', { nullable: true }),
  created_at: key.text('Made', { nullable: true }),
  fulfilled_at: key.text('Used up', { nullable: true }),
});

/** Result key with a count of the appliance status of the same name. */
const count = (name: string, description: string) =>
  key.number(description, (status: ApplianceStatus) => standardCount(status, name), { nullable: true });

const time = (name: string, description: string) =>
  key.text(
    description,
    (status: ApplianceStatus) => (typeof status[name] === 'string' ? status[name] : null),
    { nullable: true },
  );

const counts = (name: string, description: string) =>
  key.json(description, (status: ApplianceStatus) => status[name] as JsonObject | null | undefined, {
    nullable: true,
  });

const ofSummary = (name: keyof LicenceSummary, description: string) =>
  key.number(description, ({ summary }: SummarizedStatus) => summary[name] as number);

const runsOut = (name: keyof LicenceSummary, description: string) =>
  key.text(description, ({ summary }: SummarizedStatus) => summary[name] as string | null, {
    nullable: true,
  });

export const applianceStatusView = view<SummarizedStatus>()({
  appliance_id: key.text('Appliance id'),
  earliest_licence_expiry_time: time('earliest_licence_expiry_time', 'First licence that ends'),
  latest_licence_expiry_time: time('latest_licence_expiry_time', 'Last licence that ends'),
  current_available_migrations: count('current_available_migrations', 'Migrations left'),
  current_available_replicas: count('current_available_replicas', 'Replicas left'),
  current_performed_migrations: count(
    'current_performed_migrations',
    'Migrations done under present licences',
  ),
  current_performed_replicas: count('current_performed_replicas', 'Replicas done under present licences'),
  licences_expired: ofSummary('licences_expired', 'Licences that have ended'),
  licences_ending_soon: ofSummary('licences_ending_soon', 'Licences that end within 30 days'),
  reserved_migrations: ofSummary('reserved_migrations', 'Migrations reserved and not yet done'),
  reserved_replicas: ofSummary('reserved_replicas', 'Replicas reserved and not yet done'),
  migrations_run_out_at: runsOut(
    'migrations_run_out_at',
    'When none is left, at the pace of the last 30 days',
  ),
  replicas_run_out_at: runsOut('replicas_run_out_at', 'The same for replicas'),
  lifetime_available_migrations: count('lifetime_available_migrations', 'Migrations ever allowed'),
  lifetime_available_replicas: count('lifetime_available_replicas', 'Replicas ever allowed'),
  lifetime_performed_migrations: count('lifetime_performed_migrations', 'Migrations ever done'),
  lifetime_performed_replicas: count('lifetime_performed_replicas', 'Replicas ever done'),
  standard_licence_stats: counts('standard_licence_stats', 'Counts of standard licences, on newer servers'),
  sap_licence_stats: counts('sap_licence_stats', 'Counts of SAP licences, on newer servers'),
});

/** Status of the licensing server. */
export interface ServerStatus {
  readonly hostname?: string;
  readonly multi_appliance?: boolean;
  readonly supported_licence_versions?: readonly string[];
  readonly server_local_time?: string;
}

export const serverStatusView = view<ServerStatus>()({
  hostname: key.text('Host', { nullable: true }),
  multi_appliance: key.flag('Whether it serves several appliances', { nullable: true }),
  supported_licence_versions: key.texts(
    'Kinds of licences',
    ({ supported_licence_versions: versions }: ServerStatus) => versions ?? [],
  ),
  server_local_time: key.text('Its time', { nullable: true }),
});

export const fetchAppliances = async (coriolis: Coriolis): Promise<readonly Identified[]> =>
  (await server(coriolis).get<{ appliances: Identified[] }>('/appliances')).appliances;

/**
 * Finds the appliance of a call: the named one, or the only one.
 * @throws {InvalidInputError} there are several
 * @throws {NotFoundError} there is none
 */
export async function resolveAppliance(coriolis: Coriolis, given: string | undefined): Promise<string> {
  if (given !== undefined) return given;
  const [only, ...others] = await fetchAppliances(coriolis);
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

export const fetchLicences = async (coriolis: Coriolis, appliance: string): Promise<readonly Licence[]> =>
  (await server(coriolis).get<{ licences: Licence[] }>(path`/appliances/${appliance}/licences`)).licences;

export const fetchReservations = async (
  coriolis: Coriolis,
  appliance: string,
): Promise<readonly Reservation[]> =>
  (await server(coriolis).get<{ reservations: Reservation[] }>(path`/appliances/${appliance}/reservations`))
    .reservations;

/** Reads the status of the licensing server. */
export const fetchServerStatus = async (coriolis: Coriolis): Promise<ServerStatus> =>
  (await server(coriolis).get<{ status: ServerStatus }>('/status')).status;

/** Reads an appliance. */
export const fetchAppliance = async (coriolis: Coriolis, id: string): Promise<Identified> =>
  (await server(coriolis).get<{ appliance: Identified }>(path`/appliances/${id}`)).appliance;

const licencePath = (applianceId: string, id: string): string =>
  path`/appliances/${applianceId}/licences/${id}`;

/** Reads a licence. */
export const fetchLicence = async (coriolis: Coriolis, applianceId: string, id: string): Promise<Licence> =>
  (await server(coriolis).get<{ licence: Licence }>(licencePath(applianceId, id))).licence;

const reservationPath = (applianceId: string, id: string): string =>
  path`/appliances/${applianceId}/reservations/${id}`;

/** Reads a reservation. */
export const fetchReservation = async (
  coriolis: Coriolis,
  applianceId: string,
  id: string,
): Promise<Reservation> =>
  (await server(coriolis).get<{ reservation: Reservation }>(reservationPath(applianceId, id))).reservation;

/** Creates an appliance. */
export async function createAppliance(coriolis: Coriolis): Promise<Identified> {
  const known = (await fetchAppliances(coriolis)).map(({ id }) => id);
  const { appliance } = await server(coriolis).post<{ appliance: Identified }>('/appliances', undefined, {
    known,
    requiresConfirmation: true,
    recover: async () => (await fetchAppliances(coriolis)).map((found) => ({ appliance: found })),
  });
  return appliance;
}

/** Registers a licence, given as PEM text. */
export async function registerLicence(
  coriolis: Coriolis,
  applianceId: string,
  pem: string,
): Promise<Licence> {
  const known = (await fetchLicences(coriolis, applianceId)).map(({ id }) => id);
  const { licence } = await server(coriolis).post<{ licence: Licence }>(
    path`/appliances/${applianceId}/licences`,
    `${pem}\n`,
    {
      contentType: 'application/x-pem-file',
      known,
      requiresConfirmation: true,
      recover: async () => (await fetchLicences(coriolis, applianceId)).map((found) => ({ licence: found })),
    },
  );
  return licence;
}

/** Deletes a licence. */
export async function deleteLicence(
  coriolis: Coriolis,
  applianceId: string,
  id: string,
): Promise<{ readonly id: string }> {
  await server(coriolis).delete(licencePath(applianceId, id));
  return { id };
}

/** Makes the server evaluate a reservation again. */
export async function refreshReservation(
  coriolis: Coriolis,
  applianceId: string,
  id: string,
): Promise<Reservation> {
  const { reservation } = await server(coriolis).post<{ reservation: Reservation }>(
    `${reservationPath(applianceId, id)}/refresh`,
    undefined,
  );
  return reservation;
}

/** Reads the licence status of an appliance: units used and left. */
export const fetchApplianceStatus = async (coriolis: Coriolis, id: string): Promise<ApplianceStatus> =>
  (await server(coriolis).get<{ appliance_licence_status: ApplianceStatus }>(path`/appliances/${id}/status`))
    .appliance_licence_status;

/** Reads the status of an appliance with the counts of its licences and reservations: three requests. */
export async function fetchSummarizedStatus(coriolis: Coriolis, id: string): Promise<SummarizedStatus> {
  const [status, licences, reservations] = await Promise.all([
    fetchApplianceStatus(coriolis, id),
    fetchLicences(coriolis, id),
    fetchReservations(coriolis, id),
  ]);
  const { now } = coriolis.client;
  const { expired, endingSoon } = countExpiries(licences, now);
  const forecast = (work: LicencedWork) =>
    licenceForecast(work, reservations, standardCount(status, `current_available_${work}`), now);
  const [migrations, replicas] = [forecast('migrations'), forecast('replicas')];
  return {
    ...status,
    summary: {
      licences_expired: expired,
      licences_ending_soon: endingSoon,
      reserved_migrations: migrations.reserved,
      reserved_replicas: replicas.reserved,
      migrations_run_out_at: migrations.runsOutAt,
      replicas_run_out_at: replicas.runsOutAt,
    },
  };
}

/** Makes `position` and `run` of a list operation whose rows come in one response, in the order of its ids. */
export const unpagedList = <Input, Row extends Identified>(
  rowsOf: (coriolis: Coriolis, input: Input) => Promise<readonly Row[]>,
) => ({
  position: ({ id }: Row) => id,
  async *run(coriolis: Coriolis, input: Input, { after }: ListRange) {
    const rows = [...(await rowsOf(coriolis, input))].sort((one, other) => (one.id < other.id ? -1 : 1));
    for (const row of rows) if (after === undefined || row.id > after) yield row;
  },
});
