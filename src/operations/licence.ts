import { InvalidInputError } from '../api/errors';
import { path } from '../api/path';
import type { Coriolis } from '../coriolis';
import { reference, text, type JsonObject } from '../fields';
import { defineList, defineOperation } from '../operation';
import { out, view } from '../shape';
import { deletedView } from './common';

/**
 * The licensing server (coriolis-api.md §14): a product of its own, known through its clients. It licenses appliances, each
 * with licences and with reservations, which transfers take from them.
 */

const server = ({ client }: Coriolis) => client.service('coriolis-licensing');

const applianceId = reference('appliance', 'Appliance', 'Id of the appliance.');
const licenceId = reference('licence', 'Licence', 'Id of the licence.', { within: 'applianceId' });
const reservationId = reference('reservation', 'Reservation', 'Id of the reservation.', {
  within: 'applianceId',
});

interface Identified {
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

export interface Reservation extends Identified {
  readonly appliance_id?: string;
  readonly licence_id?: string | null;
  readonly type?: string;
  readonly count?: number;
  readonly created_at?: string;
  readonly fulfilled_at?: string | null;
}

type ApplianceStatus = JsonObject & { readonly appliance_id: string };

export const appliances = async (coriolis: Coriolis): Promise<readonly Identified[]> =>
  (await server(coriolis).get<{ appliances: Identified[] }>('/appliances')).appliances;

export const licences = async (coriolis: Coriolis, appliance: string): Promise<readonly Licence[]> =>
  (await server(coriolis).get<{ licences: Licence[] }>(path`/appliances/${appliance}/licences`)).licences;

export const reservations = async (coriolis: Coriolis, appliance: string): Promise<readonly Reservation[]> =>
  (await server(coriolis).get<{ reservations: Reservation[] }>(path`/appliances/${appliance}/reservations`))
    .reservations;

/** How much the licences of an appliance still allow. */
export const fetchApplianceStatus = async (coriolis: Coriolis, id: string): Promise<ApplianceStatus> =>
  (await server(coriolis).get<{ appliance_licence_status: ApplianceStatus }>(path`/appliances/${id}/status`))
    .appliance_licence_status;

/** Rows that come in one answer, by their ids so that a later window finds its place. */
function* byId<Row extends Identified>(rows: readonly Row[], after: string | undefined): Iterable<Row> {
  const sorted = [...rows].sort((one, other) => (one.id < other.id ? -1 : 1));
  for (const row of sorted) if (after === undefined || row.id > after) yield row;
}

/** Finds what a lost answer created: what is there now and was not before. */
const newcomer = async <Row extends Identified>(before: readonly Row[], now: Promise<readonly Row[]>) =>
  (await now).find(({ id }) => !before.some((known) => known.id === id));

const applianceView = view<Identified>()({ id: out.text('Appliance id') }, ({ id }) => ({ id }));

const licenceView = view<Licence>()(
  {
    id: out.text('Licence id'),
    version: out.text('Kind of licence', { nullable: true }),
    migrations: out.number('Migrations it allows', { nullable: true }),
    replicas: out.number('Replicas it allows', { nullable: true }),
    issued_at: out.text('Issued', { nullable: true }),
    valid_from: out.text('Start of its validity', { nullable: true }),
    valid_until: out.text('End of its validity', { nullable: true }),
  },
  (licence) => ({
    id: licence.id,
    version: licence.licence_version ?? null,
    migrations: licence.migrations ?? null,
    replicas: licence.replicas ?? null,
    issued_at: licence.issue_date ?? null,
    valid_from: licence.period_start ?? null,
    valid_until: licence.period_end ?? null,
  }),
);

const reservationView = view<Reservation>()(
  {
    id: out.text('Reservation id'),
    licence_id: out.text('Licence it takes from', { nullable: true }),
    type: out.text('replica or migration', { nullable: true }),
    count: out.number('Machines', { nullable: true }),
    created_at: out.text('Made', { nullable: true }),
    fulfilled_at: out.text('Used up', { nullable: true }),
  },
  (reservation) => ({
    id: reservation.id,
    licence_id: reservation.licence_id ?? null,
    type: reservation.type ?? null,
    count: reservation.count ?? null,
    created_at: reservation.created_at ?? null,
    fulfilled_at: reservation.fulfilled_at ?? null,
  }),
);

interface ServerStatus {
  readonly hostname?: string;
  readonly multi_appliance?: boolean;
  readonly supported_licence_versions?: readonly string[];
  readonly server_local_time?: string;
}

const serverStatus = defineOperation({
  resource: 'licence',
  name: 'getServerStatus',
  title: 'Get Server Status',
  tool: 'get_licensing_server_status',
  summary: 'Get the status of the licensing server',
  description: 'Tells which licences it supports.',
  effect: 'read',
  serves: ['C-LIC-SERVER-STATUS'],
  input: {},
  output: view<ServerStatus>()(
    {
      hostname: out.text('Host', { nullable: true }),
      multi_appliance: out.flag('Whether it serves several appliances', { nullable: true }),
      supported_licence_versions: out.texts('Kinds of licences'),
      server_local_time: out.text('Its time', { nullable: true }),
    },
    (status) => ({
      hostname: status.hostname ?? null,
      multi_appliance: status.multi_appliance ?? null,
      supported_licence_versions: status.supported_licence_versions ?? [],
      server_local_time: status.server_local_time ?? null,
    }),
  ),
  run: async (coriolis) => (await server(coriolis).get<{ status: ServerStatus }>('/status')).status,
});

const applianceList = defineList({
  resource: 'licence',
  name: 'getAppliances',
  title: 'Get Appliances',
  tool: 'list_appliances',
  summary: 'List the licensed appliances',
  description: 'Their ids are what licences and reservations belong to.',
  effect: 'read',
  whole: true,
  serves: ['C-LIC-APP-LIST'],
  input: {},
  output: applianceView,
  position: ({ id }) => id,
  async *run(coriolis, _input, { after }) {
    yield* byId(await appliances(coriolis), after);
  },
});

const applianceGet = defineOperation({
  resource: 'licence',
  name: 'getAppliance',
  title: 'Get Appliance',
  tool: 'get_appliance',
  summary: 'Get a licensed appliance',
  description: 'Its status tells more.',
  effect: 'read',
  whole: true,
  serves: ['C-LIC-APP-SHOW'],
  input: { applianceId },
  output: applianceView,
  run: async (coriolis, { applianceId: id }) =>
    (await server(coriolis).get<{ appliance: Identified }>(path`/appliances/${id}`)).appliance,
});

const applianceCreate = defineOperation({
  resource: 'licence',
  name: 'createAppliance',
  title: 'Create Appliance',
  tool: 'create_appliance',
  summary: 'Create an appliance on the licensing server',
  description: 'Register licences for it next.',
  effect: 'write',
  whole: true,
  serves: ['C-LIC-APP-CREATE'],
  input: {},
  output: applianceView,
  async run(coriolis) {
    const before = await appliances(coriolis);
    const { appliance } = await server(coriolis).post<{ appliance: Identified }>('/appliances', undefined, {
      recover: async () => {
        const found = await newcomer(before, appliances(coriolis));
        return found && { appliance: found };
      },
    });
    return appliance;
  },
});

const counts = {
  current_available_migrations: out.number('Migrations left', { nullable: true }),
  current_available_replicas: out.number('Replicas left', { nullable: true }),
  current_performed_migrations: out.number('Migrations done under present licences', { nullable: true }),
  current_performed_replicas: out.number('Replicas done under present licences', { nullable: true }),
  lifetime_available_migrations: out.number('Migrations ever allowed', { nullable: true }),
  lifetime_available_replicas: out.number('Replicas ever allowed', { nullable: true }),
  lifetime_performed_migrations: out.number('Migrations ever done', { nullable: true }),
  lifetime_performed_replicas: out.number('Replicas ever done', { nullable: true }),
};

const statusShape = {
  appliance_id: out.text('Appliance id'),
  earliest_licence_expiry_time: out.text('First licence that ends', { nullable: true }),
  latest_licence_expiry_time: out.text('Last licence that ends', { nullable: true }),
  ...counts,
  standard_licence_stats: out.json('Counts of standard licences, on newer servers', { nullable: true }),
  sap_licence_stats: out.json('Counts of SAP licences, on newer servers', { nullable: true }),
};

const applianceStatus = defineOperation({
  resource: 'licence',
  name: 'getApplianceStatus',
  title: 'Get Appliance Status',
  tool: 'get_appliance_status',
  summary: 'Get how much the licences of an appliance still allow',
  description: 'Counts what is left and done, and tells when licences end.',
  effect: 'read',
  serves: ['C-LIC-APP-STATUS'],
  input: { applianceId },
  output: view<ApplianceStatus>()(statusShape, (status) => {
    const textOf = (key: string) => (typeof status[key] === 'string' ? status[key] : null);
    const numberOf = (key: string) => (typeof status[key] === 'number' ? status[key] : null);
    return {
      appliance_id: status.appliance_id,
      earliest_licence_expiry_time: textOf('earliest_licence_expiry_time'),
      latest_licence_expiry_time: textOf('latest_licence_expiry_time'),
      ...(Object.fromEntries(Object.keys(counts).map((key) => [key, numberOf(key)])) as {
        [Key in keyof typeof counts]: number | null;
      }),
      standard_licence_stats: (status['standard_licence_stats'] ?? null) as JsonObject | null,
      sap_licence_stats: (status['sap_licence_stats'] ?? null) as JsonObject | null,
    };
  }),
  run: (coriolis, { applianceId: id }) => fetchApplianceStatus(coriolis, id),
});

const licenceList = defineList({
  resource: 'licence',
  name: 'getAll',
  title: 'Get Many',
  tool: 'list_licences',
  summary: 'List the licences of an appliance',
  description: 'Each with what it allows and until when.',
  effect: 'read',
  whole: true,
  serves: ['C-LIC-LIST'],
  input: { applianceId },
  output: licenceView,
  position: ({ id }) => id,
  async *run(coriolis, { applianceId: appliance }, { after }) {
    yield* byId(await licences(coriolis, appliance), after);
  },
});

const licencePath = (appliance: string, licence: string): string =>
  path`/appliances/${appliance}/licences/${licence}`;

const fetchLicence = async (coriolis: Coriolis, appliance: string, licence: string): Promise<Licence> =>
  (await server(coriolis).get<{ licence: Licence }>(licencePath(appliance, licence))).licence;

const licenceGet = defineOperation({
  resource: 'licence',
  name: 'get',
  title: 'Get',
  tool: 'get_licence',
  summary: 'Get a licence of an appliance',
  description: 'What it allows and until when.',
  effect: 'read',
  whole: true,
  serves: ['C-LIC-SHOW'],
  input: { applianceId, licenceId },
  output: licenceView,
  run: (coriolis, { applianceId: appliance, licenceId: licence }) =>
    fetchLicence(coriolis, appliance, licence),
});

const PEM = /^-----BEGIN [A-Z ]+-----\s[\s\S]+-----END [A-Z ]+-----$/;

const register = defineOperation({
  resource: 'licence',
  name: 'register',
  title: 'Register',
  tool: 'register_licence',
  summary: 'Register a licence for an appliance',
  description: 'Takes the text of the licence file.',
  effect: 'write',
  whole: true,
  serves: ['C-LIC-REGISTER'],
  input: {
    applianceId,
    licencePem: text('Licence (PEM)', 'Whole text of the licence file, with its BEGIN and END lines.', {
      multiline: true,
    }),
  },
  output: licenceView,
  async run(coriolis, { applianceId: appliance, licencePem }) {
    const pem = licencePem.trim();
    if (!PEM.test(pem)) {
      throw new InvalidInputError('The licence is no PEM text.', {
        field: 'licencePem',
        advice: 'Give the whole file, from -----BEGIN to -----END, with its line breaks.',
      });
    }
    const before = await licences(coriolis, appliance);
    const { licence } = await server(coriolis).post<{ licence: Licence }>(
      path`/appliances/${appliance}/licences`,
      `${pem}\n`,
      {
        contentType: 'application/x-pem-file',
        recover: async () => {
          const found = await newcomer(before, licences(coriolis, appliance));
          return found && { licence: found };
        },
      },
    );
    return licence;
  },
});

const remove = defineOperation({
  resource: 'licence',
  name: 'delete',
  title: 'Delete',
  tool: 'delete_licence',
  summary: 'Delete a licence of an appliance',
  description: 'What it allowed is no longer available; register it again to undo that.',
  effect: 'destroy',
  whole: true,
  serves: ['C-LIC-DELETE'],
  input: { applianceId, licenceId },
  output: deletedView,
  async preview(coriolis, { applianceId: appliance, licenceId: id }) {
    const licence = await fetchLicence(coriolis, appliance, id);
    return {
      subject: {
        id,
        name: `licence ${id}`,
        status: `until ${licence.period_end ?? 'an unknown time'}`,
        changed: licence.issue_date ?? '',
      },
      consequences: [
        `The appliance loses ${licence.migrations ?? 0} migrations and ${licence.replicas ?? 0} replicas.`,
      ],
    };
  },
  async run(coriolis, { applianceId: appliance, licenceId: id }) {
    await server(coriolis).delete(licencePath(appliance, id));
    return { id };
  },
});

const reservationList = defineList({
  resource: 'licence',
  name: 'getReservations',
  title: 'Get Reservations',
  tool: 'list_reservations',
  summary: 'List the licence reservations of an appliance',
  description: 'Each transfer holds one; it is used up when fulfilled.',
  effect: 'read',
  whole: true,
  serves: ['C-LIC-RES-LIST'],
  input: { applianceId },
  output: reservationView,
  position: ({ id }) => id,
  async *run(coriolis, { applianceId: appliance }, { after }) {
    yield* byId(await reservations(coriolis, appliance), after);
  },
});

const reservationPath = (appliance: string, reservation: string): string =>
  path`/appliances/${appliance}/reservations/${reservation}`;

const fetchReservation = async (coriolis: Coriolis, appliance: string, id: string): Promise<Reservation> =>
  (await server(coriolis).get<{ reservation: Reservation }>(reservationPath(appliance, id))).reservation;

const reservationGet = defineOperation({
  resource: 'licence',
  name: 'getReservation',
  title: 'Get Reservation',
  tool: 'get_reservation',
  summary: 'Get a licence reservation',
  description: 'What it takes from which licence.',
  effect: 'read',
  whole: true,
  serves: ['C-LIC-RES-SHOW'],
  input: { applianceId, reservationId },
  output: reservationView,
  run: (coriolis, { applianceId: appliance, reservationId: id }) => fetchReservation(coriolis, appliance, id),
});

const refresh = defineOperation({
  resource: 'licence',
  name: 'refreshReservation',
  title: 'Refresh Reservation',
  tool: 'refresh_reservation',
  summary: 'Refresh a licence reservation',
  description: 'Makes the server look at it anew, after a licence was replaced for example.',
  effect: 'write',
  whole: true,
  idempotent: true,
  serves: ['C-LIC-RES-REFRESH'],
  input: { applianceId, reservationId },
  output: reservationView,
  async run(coriolis, { applianceId: appliance, reservationId: id }) {
    const { reservation } = await server(coriolis).post<{ reservation: Reservation }>(
      `${reservationPath(appliance, id)}/refresh`,
      undefined,
    );
    return reservation;
  },
});

export const licenceOperations = [
  serverStatus,
  applianceList,
  applianceGet,
  applianceCreate,
  applianceStatus,
  licenceList,
  licenceGet,
  register,
  remove,
  reservationList,
  reservationGet,
  refresh,
] as const;
