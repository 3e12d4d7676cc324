import { formatCount } from '../model/display-texts';
import { text } from '../vocabulary/field-constructors';
import { defineListOperation, defineOperation } from '../operation';
import {
  applianceCreate,
  applianceGet,
  applianceList,
  applianceStatus,
  licensingServerStatus,
} from './licence-appliance';
import { reservationRefresh, reservationGet, reservationList } from './licence-reservation';
import {
  deletedView,
  licenceIdField,
  optionalApplianceIdField,
  applianceIdField,
} from '../fields/common-fields';
import { makeUnpagedListMethods } from '../resources/licensing/licensing-server';
import { resolveApplianceId, type ApplianceInput } from '../resources/licensing/appliance';
import {
  deleteLicence,
  registerLicence,
  fetchLicence,
  fetchLicences,
  licenceView,
} from '../resources/licensing/licence';

const licenceList = defineListOperation({
  resource: 'licence',
  name: 'getAll',
  title: 'Get Many',
  tool: 'list_licences',
  summary: 'List the licences of an appliance',
  description: 'Shows what each licence allows and until when.',
  effect: 'read',
  input: { applianceId: optionalApplianceIdField },
  output: licenceView,
  result: { whole: true },
  ...makeUnpagedListMethods(async (coriolis, { applianceId: given }: ApplianceInput) =>
    fetchLicences(coriolis, await resolveApplianceId(coriolis, given)),
  ),
});

const licenceGet = defineOperation({
  resource: 'licence',
  name: 'get',
  title: 'Get',
  tool: 'get_licence',
  summary: 'Get a licence of an appliance',
  description: 'Shows what the licence allows and until when.',
  effect: 'read',
  input: { applianceId: applianceIdField, licenceId: licenceIdField },
  output: licenceView,
  result: { whole: true },
  run: (coriolis, { applianceId: appliance, licenceId: licence }) =>
    fetchLicence(coriolis, appliance, licence),
});

const register = defineOperation({
  resource: 'licence',
  name: 'register',
  title: 'Register',
  tool: 'register_licence',
  summary: 'Register a licence for an appliance',
  description: 'Takes the text of the licence file.',
  effect: 'write',
  input: {
    applianceId: applianceIdField,
    licencePem: text('Licence (PEM)', 'Whole text of the licence file, with its BEGIN and END lines.', {
      multiline: true,
    }),
  },
  output: licenceView,
  result: { whole: true },
  run: (coriolis, { applianceId: appliance, licencePem }) => registerLicence(coriolis, appliance, licencePem),
});

const remove = defineOperation({
  resource: 'licence',
  name: 'delete',
  title: 'Delete',
  tool: 'delete_licence',
  summary: 'Delete a licence of an appliance',
  description: 'To undo this, register the licence again.',
  effect: 'destroy',
  input: { applianceId: applianceIdField, licenceId: licenceIdField },
  output: deletedView,
  result: { whole: true },
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
        `The appliance loses ${formatCount(licence.migrations ?? 0, 'migration')} and ${formatCount(licence.replicas ?? 0, 'replica')}.`,
      ],
    };
  },
  run: (coriolis, { applianceId: appliance, licenceId: id }) => deleteLicence(coriolis, appliance, id),
});

export const licenceOperations = [
  licensingServerStatus,
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
  reservationRefresh,
] as const;
