import { path } from '../api/path';
import type { JsonObject } from '../model/json';
import { defineList, defineOperation } from '../operation';
import { key, view } from '../vocabulary/shape';
import {
  applianceId,
  applianceMeant,
  applianceOrOnly,
  appliances,
  type ApplianceStatus,
  inOneAnswer,
  fetchApplianceStatus,
  type Identified,
  newcomer,
  server,
} from '../resources/licensing-server';

const applianceView = view<Identified>()({ id: key.text('Appliance id') }, ({ id }) => ({ id }));

export interface ServerStatus {
  readonly hostname?: string;
  readonly multi_appliance?: boolean;
  readonly supported_licence_versions?: readonly string[];
  readonly server_local_time?: string;
}

export const serverStatus = defineOperation({
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
      hostname: key.text('Host', { nullable: true }),
      multi_appliance: key.flag('Whether it serves several appliances', { nullable: true }),
      supported_licence_versions: key.texts('Kinds of licences'),
      server_local_time: key.text('Its time', { nullable: true }),
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

export const applianceList = defineList({
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
  ...inOneAnswer(appliances),
});

export const applianceGet = defineOperation({
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

export const applianceCreate = defineOperation({
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
  current_available_migrations: key.number('Migrations left', { nullable: true }),
  current_available_replicas: key.number('Replicas left', { nullable: true }),
  current_performed_migrations: key.number('Migrations done under present licences', { nullable: true }),
  current_performed_replicas: key.number('Replicas done under present licences', { nullable: true }),
  lifetime_available_migrations: key.number('Migrations ever allowed', { nullable: true }),
  lifetime_available_replicas: key.number('Replicas ever allowed', { nullable: true }),
  lifetime_performed_migrations: key.number('Migrations ever done', { nullable: true }),
  lifetime_performed_replicas: key.number('Replicas ever done', { nullable: true }),
};

const statusShape = {
  appliance_id: key.text('Appliance id'),
  earliest_licence_expiry_time: key.text('First licence that ends', { nullable: true }),
  latest_licence_expiry_time: key.text('Last licence that ends', { nullable: true }),
  ...counts,
  standard_licence_stats: key.json('Counts of standard licences, on newer servers', { nullable: true }),
  sap_licence_stats: key.json('Counts of SAP licences, on newer servers', { nullable: true }),
};

export const applianceStatus = defineOperation({
  resource: 'licence',
  name: 'getApplianceStatus',
  title: 'Get Appliance Status',
  tool: 'get_appliance_status',
  summary: 'Get how much the licences of an appliance still allow',
  description: 'Counts what is left and done, and tells when licences end.',
  effect: 'read',
  serves: ['C-LIC-APP-STATUS'],
  input: { applianceId: applianceOrOnly },
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
  run: async (coriolis, { applianceId: given }) =>
    await fetchApplianceStatus(coriolis, await applianceMeant(coriolis, given)),
});
