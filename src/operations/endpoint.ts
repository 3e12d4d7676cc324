import { flag, form, list as listOf, reference, text } from '../vocabulary/field-constructors';
import { defineListOperation, defineOperation } from '../operation';
import {
  createEndpoint,
  deletedEndpointView,
  deleteDuplicateEndpoint,
  deleteEndpoint,
  describeTransfersUsingEndpoint,
  makeEndpointPreviewSubject,
  endpointView,
  findCreatedEndpoints,
  fetchTransfersUsingEndpoint,
  updateEndpoint,
  validatedEndpointView,
  connectionValidationView,
  validateConnection,
} from '../resources/endpoint';
import { endpointIdField } from '../fields/common-fields';
import { fetchUnpagedRows } from '../requests/fetch-lists';
import { fetchOne } from '../requests/object-requests';
import { requireSecretService, secretReferenceOf } from '../resources/barbican-secret';
import { endpointPlatformOperations } from './endpoint-platform';
import { MAX_DESCRIPTION_LENGTH, MAX_NAME_LENGTH } from '../fields/max-text-lengths';

/**
 * Inputs for the connection details of an endpoint.
 *
 * @param parent input that decides on the platform, and with it on the form of the details
 */
const connectionFields = (parent: string) => ({
  connection: form(
    'connection',
    parent,
    'Connection',
    'Connection details as JSON, by the connection schema of the platform. Coriolis stores them in clear text: prefer a secret reference.',
    { optional: true, secret: true },
  ),
  connectionSecret: text(
    'Connection Secret Reference',
    'Address of a Barbican secret with the connection details, instead of the details themselves.',
    { optional: true, placeholder: 'https://barbican.example.com/v1/secrets/…' },
  ),
  storeInBarbican: flag(
    'Store Connection in Barbican',
    'Whether to keep the connection details in Barbican and give Coriolis only their reference.',
    { advanced: true },
  ),
});

const regions = listOf(
  'Regions',
  'Regions whose workers reach the endpoint, by id or exact name; all workers when empty.',
  { optional: true, advanced: true, of: { resource: 'region' } },
);

const list = defineListOperation({
  resource: 'endpoint',
  name: 'getAll',
  title: 'Get Many',
  tool: 'list_endpoints',
  summary: 'List endpoints, the clouds and hypervisors Coriolis can reach',
  description: 'Connection details are never shown.',
  effect: 'read',
  input: {},
  output: endpointView,
  position: fetchUnpagedRows.position,
  run: (coriolis, _input, window) => fetchUnpagedRows(coriolis, 'endpoint', [], window),
});

const get = defineOperation({
  resource: 'endpoint',
  name: 'get',
  title: 'Get',
  tool: 'get_endpoint',
  summary: 'Get an endpoint',
  description: 'Connection details are never shown.',
  effect: 'read',
  input: { endpointId: endpointIdField },
  output: endpointView,
  run: (coriolis, { endpointId: id }) => fetchOne(coriolis, 'endpoint', id),
});

const create = defineOperation({
  resource: 'endpoint',
  name: 'create',
  title: 'Create',
  tool: 'create_endpoint',
  summary: 'Create an endpoint and validate its connection',
  description:
    'An endpoint whose validation fails stays: update or delete it. The result says whether it is valid.',
  effect: 'write',
  input: {
    name: text('Name', 'Name of the endpoint; at most 255 characters, need not be unique.', {
      stored: MAX_NAME_LENGTH,
    }),
    type: reference('provider', 'Platform', 'Platform name from the list of providers.', {
      placeholder: 'vmware_vsphere',
    }),
    ...connectionFields('type'),
    description: text('Description', 'Free text for people.', {
      optional: true,
      advanced: true,
      stored: MAX_DESCRIPTION_LENGTH,
    }),
    regions,
    skipValidation: flag('Skip Validation', 'Whether to create the endpoint without a connection test.', {
      advanced: true,
    }),
  },
  output: validatedEndpointView,
  run: createEndpoint,
  deduplication: {
    findDuplicates: findCreatedEndpoints,
    durable: true,
    notCompared: 'connection details that are in Barbican',
    withdraw: deleteDuplicateEndpoint,
  },
});

const update = defineOperation({
  resource: 'endpoint',
  name: 'update',
  title: 'Update',
  tool: 'update_endpoint',
  summary: 'Update the name, description, connection or regions of an endpoint',
  description:
    'Only given values change; connection details are replaced as a whole. Does not test the connection.',
  effect: 'write',
  idempotent: true,
  input: {
    endpointId: endpointIdField,
    name: text('Name', 'New name; at most 255 characters.', { optional: true, stored: MAX_NAME_LENGTH }),
    ...connectionFields('endpointId'),
    description: text('Description', 'New description.', {
      optional: true,
      stored: MAX_DESCRIPTION_LENGTH,
    }),
    regions,
  },
  output: endpointView,
  run: (coriolis, { endpointId: id, ...input }) => updateEndpoint(coriolis, id, input),
});

const remove = defineOperation({
  resource: 'endpoint',
  name: 'delete',
  title: 'Delete',
  tool: 'delete_endpoint',
  summary: 'Delete an endpoint',
  description: 'Refused while transfers use the endpoint. The platform is not touched.',
  effect: 'destroy',
  input: {
    endpointId: endpointIdField,
    deleteSecret: flag(
      'Delete Secret',
      'Whether to delete also the Barbican secret with its connection details, unless another endpoint uses the secret.',
      { advanced: true },
    ),
  },
  output: deletedEndpointView,
  result: { whole: true },
  async preview(coriolis, { endpointId: id, deleteSecret }) {
    const endpoint = await fetchOne(coriolis, 'endpoint', id);
    const users = await fetchTransfersUsingEndpoint(coriolis, id);
    const secret = deleteSecret ? secretReferenceOf(endpoint) : undefined;
    if (secret !== undefined) await requireSecretService(coriolis, secret);
    return {
      subject: makeEndpointPreviewSubject(endpoint),
      consequences: [
        'Its connection details are lost.',
        ...(deleteSecret && secretReferenceOf(endpoint) !== undefined
          ? [
              'The Barbican secret with its connection details is deleted, unless another endpoint uses the secret.',
            ]
          : []),
        ...(deleteSecret && secretReferenceOf(endpoint) === undefined
          ? ['The endpoint has no Barbican secret: none is deleted.']
          : []),
        'Machines and networks of the platform stay as they are.',
      ],
      refusal: users.length === 0 ? undefined : describeTransfersUsingEndpoint(users),
    };
  },
  run: (coriolis, { endpointId: id, deleteSecret }) => deleteEndpoint(coriolis, id, deleteSecret),
});

const validate = defineOperation({
  resource: 'endpoint',
  name: 'validate',
  title: 'Validate Connection',
  tool: 'validate_endpoint',
  summary: 'Check whether Coriolis can connect to an endpoint',
  description: 'A failed check is no error: the result has valid: false and the reason.',
  effect: 'read',
  input: { endpointId: endpointIdField },
  output: connectionValidationView,
  result: { whole: true },
  async run(coriolis, { endpointId: id }) {
    return { id, ...(await validateConnection(coriolis, id)) };
  },
});

export const endpointOperations = [
  list,
  get,
  create,
  update,
  remove,
  validate,
  ...endpointPlatformOperations,
] as const;
