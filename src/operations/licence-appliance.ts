import { defineListOperation, defineOperation } from '../operation';
import {
  fetchLicensingServerStatus,
  makeUnpagedListMethods,
  licensingServerStatusView,
} from '../resources/licensing/licensing-server';
import {
  fetchSummarizedApplianceStatus,
  applianceStatusView,
  describeApplianceStatus,
} from '../resources/licensing/appliance-status';
import {
  createAppliance,
  fetchAppliance,
  resolveApplianceId,
  fetchAppliances,
  applianceView,
} from '../resources/licensing/appliance';
import { optionalApplianceIdField, applianceIdField } from '../fields/common-fields';

export const licensingServerStatus = defineOperation({
  resource: 'licence',
  name: 'getServerStatus',
  title: 'Get Server Status',
  form: { action: 'Get the status of the licensing server' },
  tool: 'get_licensing_server_status',
  summary: 'Get the status of the licensing server',
  description: 'Tells which licences it supports.',
  effect: 'read',
  input: {},
  output: licensingServerStatusView,
  run: fetchLicensingServerStatus,
});

export const applianceList = defineListOperation({
  resource: 'licence',
  name: 'getAppliances',
  title: 'Get Appliances',
  form: { action: 'Get many appliances' },
  tool: 'list_appliances',
  summary: 'List the licensed appliances',
  description: 'Licences and reservations belong to an appliance.',
  effect: 'read',
  input: {},
  output: applianceView,
  result: { whole: true },
  ...makeUnpagedListMethods(fetchAppliances),
});

export const applianceGet = defineOperation({
  resource: 'licence',
  name: 'getAppliance',
  title: 'Get Appliance',
  form: { action: 'Get an appliance' },
  tool: 'get_appliance',
  summary: 'Get a licensed appliance',
  description: 'The status of the appliance tells more.',
  effect: 'read',
  input: { applianceId: applianceIdField },
  output: applianceView,
  result: { whole: true },
  run: (coriolis, { applianceId: id }) => fetchAppliance(coriolis, id),
});

export const applianceCreate = defineOperation({
  resource: 'licence',
  name: 'createAppliance',
  title: 'Create Appliance',
  form: { action: 'Create an appliance' },
  tool: 'create_appliance',
  summary: 'Create an appliance on the licensing server',
  description: 'Register licences for it next.',
  effect: 'write',
  input: {},
  output: applianceView,
  result: { whole: true },
  run: createAppliance,
  deduplication: { findDuplicates: fetchAppliances, indistinguishableNoun: 'appliance' },
});

export const applianceStatus = defineOperation({
  resource: 'licence',
  name: 'getApplianceStatus',
  title: 'Get Appliance Status',
  form: { action: 'Get the status of an appliance' },
  tool: 'get_appliance_status',
  summary: 'Get how much the licences of an appliance still allow',
  description: 'Counts migrations and replicas left and done; tells when licences expire.',
  effect: 'read',
  input: { applianceId: optionalApplianceIdField },
  output: applianceStatusView,
  result: { headline: describeApplianceStatus },
  run: async (coriolis, { applianceId: given }) =>
    await fetchSummarizedApplianceStatus(coriolis, await resolveApplianceId(coriolis, given)),
});
