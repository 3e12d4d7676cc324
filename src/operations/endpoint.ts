import { path } from '../api/path';
import { InvalidInputError } from '../api/errors';
import type { Coriolis } from '../coriolis';
import { flag, form, json, list as listOf, reference, text, type JsonObject } from '../fields';
import { csvRows } from '../model/csv';
import type { Endpoint, Network, ProviderOption, StorageBackend, Transfer } from '../model/types';
import { defineList, defineOperation } from '../operation';
import { out, view } from '../shape';
import { deletedView, endpointId, environmentOf } from './common';
import { placed, wholeList, type Placed } from './listing';
import { inventory, networks, options, storage, type OptionSide } from './platform';

const endpointView = view<Endpoint>()(
  {
    id: out.text('Endpoint id'),
    name: out.text('Name', { untrusted: true }),
    type: out.text('Platform'),
    description: out.text('Description', { nullable: true, untrusted: true }),
    mapped_regions: out.texts('Ids of the Coriolis regions it is mapped to'),
    created_at: out.text('Created, UTC'),
    updated_at: out.text('Last changed, UTC', { nullable: true }),
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
});

/** Whether an endpoint already is as a change wants it. */
const holds = (endpoint: Endpoint, changes: Partial<Endpoint>): boolean =>
  Object.entries(changes).every(
    ([key, value]) => JSON.stringify(endpoint[key as keyof Endpoint]) === JSON.stringify(value),
  );

/** `--connection` or `--connection-secret`, not both (cli-parity.md L-END-CREATE). */
function connectionInfo(given: JsonObject | undefined, secret: string | undefined): JsonObject | undefined {
  if (given !== undefined && secret !== undefined) {
    throw new InvalidInputError('Give either the connection details or a secret reference, not both.', {
      field: 'connection',
    });
  }
  return secret === undefined ? given : { secret_ref: secret };
}

const regions = listOf(
  'Regions',
  'Regions whose workers reach it, by id or exact name; every worker when empty.',
  { optional: true, advanced: true, of: { resource: 'region' } },
);

interface Validation {
  readonly valid: boolean;
  readonly message: string | null;
}

/** Reads only, on the platform; a failed validation is an answer, not an error (trap 7). */
async function validateConnection({ client }: Coriolis, id: string): Promise<Validation> {
  const answer = await client.post<{ 'validate-connection': Validation }>(
    path`/endpoints/${id}/actions`,
    { 'validate-connection': null },
    { repeatable: true, slow: true },
  );
  return answer['validate-connection'];
}

const validationShape = {
  valid: out.flag('Whether Coriolis can connect', { nullable: true }),
  message: out.text('Why it cannot, in the platform’s words', { nullable: true, untrusted: true }),
};

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
  output: view<{ endpoint: Endpoint; validation: Validation | undefined }>()(
    { ...endpointView.shape, ...validationShape },
    ({ endpoint, validation }) => ({
      ...endpointView.of(endpoint),
      valid: validation?.valid ?? null,
      message: validation?.message ?? null,
    }),
  ),
  async run(
    coriolis,
    { name, type, connection: given, connectionSecret, description, regions: ids, skipValidation },
  ) {
    const info = connectionInfo(given, connectionSecret);
    if (info === undefined) {
      throw new InvalidInputError('Connection details are missing: give them, or a secret reference.', {
        field: 'connection',
        advice: 'The platform’s connection schema names the fields.',
      });
    }
    const { endpoint } = await coriolis.client.post<{ endpoint: Endpoint }>(
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
          const { endpoints } = await coriolis.client.get<{ endpoints: Endpoint[] }>('/endpoints');
          const found = endpoints.find(
            (candidate) =>
              candidate.name === name && candidate.type === type && createdSince(candidate.created_at),
          );
          return found && { endpoint: found };
        },
      },
    );
    return {
      endpoint,
      validation: skipValidation ? undefined : await validateConnection(coriolis, endpoint.id),
    };
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
  async run(
    coriolis,
    { endpointId: id, name, connection: given, connectionSecret, description, regions: ids },
  ) {
    const info = connectionInfo(given, connectionSecret);
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
    const { endpoint } = await coriolis.client.put<{ endpoint: Endpoint }>(
      path`/endpoints/${id}`,
      { endpoint: changes },
      {
        recover: async () => {
          const now = await fetchEndpoint(coriolis, id);
          return holds(now, changes) ? { endpoint: now } : undefined;
        },
      },
    );
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
  serves: ['L-END-DELETE', 'C-END-DELETE'],
  input: { endpointId },
  output: deletedView,
  async preview(coriolis, { endpointId: id }) {
    const endpoint = await fetchEndpoint(coriolis, id);
    const users: string[] = [];
    for await (const transfer of coriolis.client.rows<Transfer>('/transfers', 'transfers')) {
      if (transfer.origin_endpoint_id === id || transfer.destination_endpoint_id === id)
        users.push(transfer.id);
    }
    return {
      subject: {
        id,
        name: endpoint.name,
        status: endpoint.type,
        changed: endpoint.updated_at ?? endpoint.created_at,
      },
      consequences: [
        'Its connection details are lost.',
        'Machines and networks of the platform stay as they are.',
      ],
      ...(users.length === 0
        ? {}
        : { refusal: `${users.length} transfers use it: ${users.slice(0, 5).join(', ')}` }),
    };
  },
  async run({ client }, { endpointId: id }) {
    await client.delete(path`/endpoints/${id}`);
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
  serves: ['L-END-VALIDATE', 'C-END-VALIDATE'],
  input: { endpointId },
  output: view<Validation & { id: string }>()(
    { id: out.text('Endpoint id'), ...validationShape },
    ({ id, valid, message }) => ({ id, valid, message }),
  ),
  async run(coriolis, { endpointId: id }) {
    return { id, ...(await validateConnection(coriolis, id)) };
  },
});

/** Rows of an answer that comes in one piece, after the one a window begins behind. */
function* behind<Row>(
  rows: readonly Row[],
  after: string | undefined,
  key: (row: Row) => string,
): Iterable<Row> {
  const start = after === undefined ? 0 : rows.findIndex((row) => key(row) === after) + 1;
  yield* rows.slice(start);
}

const networkList = defineList({
  resource: 'endpoint',
  name: 'getNetworks',
  title: 'Get Networks',
  tool: 'list_endpoint_networks',
  summary: 'List the networks of an endpoint',
  description: 'Their ids are the destinations of a network map.',
  effect: 'read',
  serves: ['L-END-NET-LIST', 'C-END-NET-LIST'],
  input: { endpointId, environment: environmentOf('destination') },
  output: view<Network>()(
    { id: out.text('Network id'), name: out.text('Name', { untrusted: true }) },
    ({ id, name }) => ({ id, name }),
  ),
  position: ({ id }) => id,
  async *run(coriolis, { endpointId: id, environment }, { after }) {
    yield* behind(await networks(coriolis, id, environment), after, (row) => row.id);
  },
});

const storageList = defineList({
  resource: 'endpoint',
  name: 'getStorage',
  title: 'Get Storage',
  tool: 'list_endpoint_storage',
  summary: 'List the storage of an endpoint',
  description: 'Their names are the destinations of storage mappings.',
  effect: 'read',
  serves: ['L-END-STO-LIST', 'C-END-STO-LIST'],
  input: { endpointId, environment: environmentOf('destination') },
  output: view<StorageBackend & { standard: boolean }>()(
    {
      id: out.text('Storage id'),
      name: out.text('Name', { untrusted: true }),
      is_default: out.flag('Whether the platform uses it unless told otherwise'),
    },
    ({ id, name, standard }) => ({ id, name, is_default: standard }),
  ),
  position: ({ id }) => id,
  async *run(coriolis, { endpointId: id, environment }, { after }) {
    const { backends, standard } = await storage(coriolis, id, environment);
    const rows = backends.map((backend) => ({ ...backend, standard: backend.name === standard }));
    yield* behind(rows, after, (row) => row.id);
  },
});

interface OptionTexts {
  readonly side: OptionSide;
  readonly name: string;
  readonly title: string;
  readonly tool: string;
  /** What the values are for: "its source environment". */
  readonly what: string;
  readonly serves: readonly string[];
  readonly environment: ReturnType<typeof environmentOf>;
}

const optionList = ({ side, name, title, tool, what, serves, environment }: OptionTexts) =>
  defineList({
    resource: 'endpoint',
    name,
    title,
    tool,
    summary: `List the values an endpoint offers for ${what}`,
    description: `Tells which images, flavors, networks and the like ${what} may name.`,
    effect: 'read',
    serves,
    input: {
      endpointId,
      names: listOf('Option Names', 'Only these options; all of them when empty.', { optional: true }),
      environment,
    },
    output: view<ProviderOption>()(
      {
        name: out.text('Name of the field'),
        values: out.values('Accepted values', { untrusted: true }),
        default: out.values('What the platform is set up to use, when it is', { nullable: true }),
      },
      ({ name: field, values, config_default: standard }) => ({
        name: field,
        values,
        default: standard === undefined || standard === null ? null : [standard],
      }),
    ),
    position: ({ name: field }) => field,
    async *run(coriolis, { endpointId: id, names, environment: env }, { after }) {
      yield* behind(await options(coriolis, id, side, names, env), after, (row) => row.name);
    },
  });

const poolEnvironment = json('Environment', 'Options of the pool to ask the platform with, as JSON.', {
  optional: true,
  advanced: true,
});

const exportInventory = defineList({
  resource: 'endpoint',
  name: 'exportInventory',
  title: 'Export Inventory',
  tool: 'export_endpoint_inventory',
  summary: 'Export the machines of an endpoint as a table',
  description: 'One row a machine, with the columns of the platform. Servers from 1.2.2.',
  effect: 'read',
  serves: ['C-END-INVENTORY'],
  input: {
    endpointId,
    raw: flag('Raw CSV', 'Whether to give the CSV text as it came, in one row under "csv".'),
    environment: environmentOf('source'),
  },
  // The columns are the provider's, so no shape can name them.
  output: view<Readonly<Record<string, string>> & Placed>()({}, (columns) => columns),
  position: placed.position,
  async *run(coriolis, { endpointId: id, raw, environment }, window) {
    const csv = await inventory(coriolis, id, environment);
    yield* placed(raw ? [{ csv }] : csvRows(csv), window);
  },
});

export const endpointOperations = [
  list,
  get,
  create,
  update,
  remove,
  validate,
  networkList,
  storageList,
  optionList({
    side: 'source',
    name: 'getSourceOptions',
    title: 'Get Source Options',
    tool: 'list_source_options',
    what: 'a source environment',
    serves: ['L-END-SOPT-LIST', 'C-END-SOPT-LIST'],
    environment: environmentOf('source'),
  }),
  optionList({
    side: 'destination',
    name: 'getDestinationOptions',
    title: 'Get Destination Options',
    tool: 'list_destination_options',
    what: 'a destination environment',
    serves: ['L-END-DOPT-LIST', 'C-END-DOPT-LIST'],
    environment: environmentOf('destination'),
  }),
  optionList({
    side: 'source_minion_pool',
    name: 'getSourceMinionPoolOptions',
    title: 'Get Source Minion Pool Options',
    tool: 'list_source_pool_options',
    what: 'a source minion pool',
    serves: ['C-END-SMPOPT-LIST'],
    environment: poolEnvironment,
  }),
  optionList({
    side: 'destination_minion_pool',
    name: 'getDestinationMinionPoolOptions',
    title: 'Get Destination Minion Pool Options',
    tool: 'list_destination_pool_options',
    what: 'a destination minion pool',
    serves: ['C-END-DMPOPT-LIST'],
    environment: poolEnvironment,
  }),
  exportInventory,
] as const;
