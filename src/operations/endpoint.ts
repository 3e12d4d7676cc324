import { path } from '../api/path';
import { asError, InvalidInputError, isCoriolisError } from '../api/errors';
import type { Coriolis } from '../api/coriolis';
import { flag, form, list as listOf, reference, text } from '../vocabulary/fields';
import { sameJson, type JsonObject } from '../model/json';
import type { Endpoint, Transfer } from '../model/types';
import { defineList, defineOperation } from '../operation';
import { subjectOf } from '../vocabulary/preview';
import { key, view } from '../vocabulary/shape';
import { deletedView, endpointId } from '../resources/inputs';
import { endpointResourceOperations } from './endpoint-platform';
import { wholeList } from '../resources/listing';
import { validateConnection, type Validation } from '../resources/platform';
import { cleaningUp, dropSecret, secretOf, storeSecret } from '../resources/secret';

const endpointView = view<Endpoint>()(
  {
    id: key.text('Endpoint id'),
    name: key.text('Name', { untrusted: true }),
    type: key.text('Platform'),
    description: key.text('Description', { nullable: true, untrusted: true }),
    mapped_regions: key.texts('Ids of the Coriolis regions it is mapped to'),
    created_at: key.time('Created'),
    updated_at: key.time('Last changed', { nullable: true }),
  },
  ({ id, name, type, description, mapped_regions, created_at, updated_at }) => ({
    id,
    name,
    type,
    description,
    mapped_regions,
    created_at,
    updated_at,
  }),
);

async function fetchEndpoint({ client }: Coriolis, id: string): Promise<Endpoint> {
  return (await client.get<{ endpoint: Endpoint }>(path`/endpoints/${id}`)).endpoint;
}

const connectionWithin = (parent: string) => ({
  connection: form(
    'connection',
    parent,
    'Connection',
    'Connection details as the platform’s connection schema asks for, as JSON. Stored by Coriolis in clear text; prefer a secret reference.',
    { optional: true, secret: true },
  ),
  connectionSecret: text(
    'Connection Secret Reference',
    'Address of a Barbican secret with the connection details, instead of giving them here.',
    { optional: true, placeholder: 'https://barbican.example.com/v1/secrets/…' },
  ),
  storeInBarbican: flag(
    'Store Connection in Barbican',
    'Whether to keep the connection details in Barbican and give Coriolis only their reference.',
    { advanced: true },
  ),
});

/** Whether an endpoint already has the changed values. */
const holds = (endpoint: Endpoint, changes: Partial<Endpoint>): boolean =>
  Object.entries(changes).every(([key, value]) => sameJson(endpoint[key as keyof Endpoint], value));

/** Finds an endpoint with this name and platform that was created recently. */
async function findCreated(
  { client }: Coriolis,
  { name, type }: Pick<Endpoint, 'name' | 'type'>,
  lately: (createdAt: string) => boolean,
  isIt: (one: Endpoint) => boolean = () => true,
): Promise<Endpoint | undefined> {
  const { endpoints } = await client.get<{ endpoints: Endpoint[] }>('/endpoints');
  return endpoints.find(
    (one) => one.name === name && one.type === type && lately(one.created_at) && isIt(one),
  );
}

interface ConnectionInput {
  readonly connection: JsonObject | undefined;
  readonly connectionSecret: string | undefined;
  readonly storeInBarbican: boolean;
}

/** Checks that either connection details or a secret reference are given, not both (cli-parity.md L-END-CREATE). */
function checkConnection({ connection, connectionSecret, storeInBarbican }: ConnectionInput): void {
  if (connection !== undefined && connectionSecret !== undefined) {
    throw new InvalidInputError('Give either the connection details or a secret reference, not both.', {
      field: 'connection',
    });
  }
  if (storeInBarbican && connection === undefined) {
    throw new InvalidInputError('There are no connection details to store in Barbican.', {
      field: 'connection',
      advice: 'Give them, or switch off Store Connection in Barbican.',
    });
  }
}

interface EndpointInput extends ConnectionInput {
  readonly description: string | undefined;
  readonly regions: readonly string[] | undefined;
}

/**
 * Whether an endpoint has the values of a call. Connection details in Barbican cannot be compared, only their presence.
 */
function isMadeOf(one: Endpoint, { connectionSecret, storeInBarbican, ...input }: EndpointInput): boolean {
  const connection = connectionSecret === undefined ? input.connection : { secret_ref: connectionSecret };
  const isConnectedSo = storeInBarbican
    ? secretOf(one) !== undefined
    : sameJson(one.connection_info, connection);
  const inOrder = (ids: readonly string[] = []) => [...ids].sort();
  return (
    isConnectedSo &&
    (one.description ?? '') === (input.description ?? '') &&
    sameJson(inOrder(one.mapped_regions), inOrder(input.regions))
  );
}

/** Saves an endpoint with its connection, inline or in Barbican. When saving fails, the new secret is deleted. */
async function withConnection<Result>(
  coriolis: Coriolis,
  { connection, connectionSecret, storeInBarbican }: ConnectionInput,
  save: (info: JsonObject | undefined) => Promise<Result>,
): Promise<Result> {
  if (connectionSecret !== undefined) return await save({ secret_ref: connectionSecret });
  if (connection === undefined || !storeInBarbican) return await save(connection);
  const stored = await storeSecret(coriolis, connection);
  return await cleaningUp(coriolis, stored, () => save({ secret_ref: stored }));
}

const regions = listOf(
  'Regions',
  'Regions whose workers reach it, by id or exact name; every worker when empty.',
  { optional: true, advanced: true, of: { resource: 'region' } },
);

const validationShape = {
  valid: key.flag('Whether Coriolis can connect; null when that was not found out', { nullable: true }),
  message: key.text('Why it cannot, in the platform’s words', { nullable: true, untrusted: true }),
};

/**
 * Validation result for a failed request. Not an error: the endpoint exists, and an error would hide its id and invite
 * a second creation.
 */
function unchecked(error: unknown): { readonly valid: null; readonly message: string } {
  if (!isCoriolisError(error) || ['canceled', 'authentication'].includes(error.kind)) throw asError(error);
  const { message, advice } = error;
  return { valid: null, message: `Its connection could not be checked: ${message}. ${advice ?? ''}`.trim() };
}

/** Validates a new endpoint and adds the result to it. */
async function validated(coriolis: Coriolis, endpoint: Endpoint) {
  const { valid, message } = await validateConnection(coriolis, endpoint.id).catch(unchecked);
  return { ...endpoint, valid, message };
}

const list = defineList({
  resource: 'endpoint',
  name: 'getAll',
  title: 'Get Many',
  tool: 'list_endpoints',
  summary: 'List endpoints, the clouds and hypervisors Coriolis can reach',
  description: 'Connection details are never shown.',
  effect: 'read',
  serves: ['L-END-LIST', 'C-END-LIST'],
  input: {},
  output: endpointView,
  position: wholeList.position,
  run: ({ client }, _input, window) => wholeList<Endpoint>(client, '/endpoints', 'endpoints', window),
});

const get = defineOperation({
  resource: 'endpoint',
  name: 'get',
  title: 'Get',
  tool: 'get_endpoint',
  summary: 'Get an endpoint',
  description: 'Connection details are never shown.',
  effect: 'read',
  serves: ['L-END-SHOW', 'C-END-SHOW'],
  input: { endpointId },
  output: endpointView,
  run: (coriolis, { endpointId: id }) => fetchEndpoint(coriolis, id),
});

const create = defineOperation({
  resource: 'endpoint',
  name: 'create',
  title: 'Create',
  tool: 'create_endpoint',
  summary: 'Create an endpoint and validate its connection',
  description:
    'An endpoint whose validation fails stays: correct it with an update, or delete it. The result says whether it is valid.',
  effect: 'write',
  serves: ['L-END-CREATE', 'C-END-CREATE'],
  input: {
    name: text('Name', 'Name of the endpoint; at most 255 characters, need not be unique.'),
    type: reference('provider', 'Platform', 'Platform name as listed by the providers.', {
      placeholder: 'vmware_vsphere',
    }),
    ...connectionWithin('type'),
    description: text('Description', 'What it is, for people.', { optional: true, advanced: true }),
    regions,
    skipValidation: flag('Skip Validation', 'Whether to create it without trying to connect.', {
      advanced: true,
    }),
  },
  output: view<Endpoint & Pick<Partial<Validation>, 'valid' | 'message'>>()(
    { ...endpointView.shape, ...validationShape },
    ({ valid = null, message = null, ...endpoint }) => ({ ...endpointView.of(endpoint), valid, message }),
  ),
  async run(coriolis, input) {
    const { name, type, description, regions: ids, skipValidation } = input;
    checkConnection(input);
    if (input.connection === undefined && input.connectionSecret === undefined) {
      throw new InvalidInputError('Connection details are missing: give them, or a secret reference.', {
        field: 'connection',
        advice: 'The platform’s connection schema names the fields.',
      });
    }
    const { endpoint } = await withConnection(coriolis, input, (info) =>
      coriolis.client.post<{ endpoint: Endpoint }>(
        '/endpoints',
        {
          endpoint: {
            name,
            type,
            connection_info: info,
            ...(description === undefined ? {} : { description }),
            ...(ids === undefined ? {} : { mapped_regions: ids }),
          },
        },
        {
          recover: async (createdSince) => {
            const found = await findCreated(coriolis, input, createdSince);
            return found && { endpoint: found };
          },
        },
      ),
    );
    return skipValidation ? endpoint : await validated(coriolis, endpoint);
  },
  retry: {
    async findDuplicate(coriolis, input, isRecent) {
      const found = await findCreated(coriolis, input, isRecent, (one) => isMadeOf(one, input));
      return found === undefined || input.skipValidation ? found : await validated(coriolis, found);
    },
    durable: true,
    notCompared: 'connection details that are in Barbican',
  },
});

const update = defineOperation({
  resource: 'endpoint',
  name: 'update',
  title: 'Update',
  tool: 'update_endpoint',
  summary: 'Update the name, description, connection or regions of an endpoint',
  description: 'Only what is given changes; connection details are replaced as a whole. Validates nothing.',
  effect: 'write',
  idempotent: true,
  serves: ['L-END-UPDATE', 'C-END-UPDATE'],
  input: {
    endpointId,
    name: text('Name', 'New name; at most 255 characters.', { optional: true }),
    ...connectionWithin('endpointId'),
    description: text('Description', 'New description.', { optional: true }),
    regions,
  },
  output: endpointView,
  async run(coriolis, input) {
    const { endpointId: id, name, description, regions: ids } = input;
    checkConnection(input);
    const replaced = input.storeInBarbican ? secretOf(await fetchEndpoint(coriolis, id)) : undefined;
    const endpoint = await withConnection(coriolis, input, async (info) => {
      const changes = {
        ...(name === undefined ? {} : { name }),
        ...(description === undefined ? {} : { description }),
        ...(info === undefined ? {} : { connection_info: info }),
        ...(ids === undefined ? {} : { mapped_regions: ids }),
      };
      if (Object.keys(changes).length === 0) {
        throw new InvalidInputError(
          'Nothing to update: give a name, a description, connection details or regions.',
        );
      }
      const answer = await coriolis.client.put<{ endpoint: Endpoint }>(
        path`/endpoints/${id}`,
        { endpoint: changes },
        {
          recover: async () => {
            const now = await fetchEndpoint(coriolis, id);
            return holds(now, changes) ? { endpoint: now } : undefined;
          },
        },
      );
      return answer.endpoint;
    });
    if (replaced !== undefined) await dropSecret(coriolis, replaced);
    return endpoint;
  },
});

const remove = defineOperation({
  resource: 'endpoint',
  name: 'delete',
  title: 'Delete',
  tool: 'delete_endpoint',
  summary: 'Delete an endpoint',
  description: 'Refused while transfers use it. Nothing on the platform itself is touched.',
  effect: 'destroy',
  whole: true,
  serves: ['L-END-DELETE', 'C-END-DELETE'],
  input: {
    endpointId,
    deleteSecret: flag(
      'Delete Secret',
      'Whether to delete the Barbican secret with its connection details too, unless another endpoint uses it.',
      { advanced: true },
    ),
  },
  output: deletedView,
  async preview(coriolis, { endpointId: id, deleteSecret }) {
    const endpoint = await fetchEndpoint(coriolis, id);
    const users: string[] = [];
    for await (const transfer of coriolis.client.rows<Transfer>('/transfers', 'transfers')) {
      if (transfer.origin_endpoint_id === id || transfer.destination_endpoint_id === id)
        users.push(transfer.id);
    }
    return {
      subject: subjectOf(endpoint, endpoint.name, endpoint.type),
      consequences: [
        'Its connection details are lost.',
        ...(deleteSecret && secretOf(endpoint) !== undefined
          ? ['The Barbican secret that holds them is deleted, unless another endpoint uses it.']
          : []),
        'Machines and networks of the platform stay as they are.',
      ],
      ...(users.length === 0
        ? {}
        : { refusal: `${users.length} transfers use it: ${users.slice(0, 5).join(', ')}` }),
    };
  },
  async run(coriolis, { endpointId: id, deleteSecret }) {
    const secret = deleteSecret ? secretOf(await fetchEndpoint(coriolis, id)) : undefined;
    await coriolis.client.delete(path`/endpoints/${id}`);
    if (secret !== undefined) await dropSecret(coriolis, secret);
    return { id };
  },
});

const validate = defineOperation({
  resource: 'endpoint',
  name: 'validate',
  title: 'Validate Connection',
  tool: 'validate_endpoint',
  summary: 'Check whether Coriolis can connect to an endpoint',
  description: 'A failed validation is a result with valid: false and the platform’s reason, not an error.',
  effect: 'read',
  whole: true,
  serves: ['L-END-VALIDATE', 'C-END-VALIDATE'],
  input: { endpointId },
  output: view<Validation & { id: string }>()(
    { id: key.text('Endpoint id'), ...validationShape },
    ({ id, valid, message }) => ({ id, valid, message }),
  ),
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
  ...endpointResourceOperations,
] as const;
