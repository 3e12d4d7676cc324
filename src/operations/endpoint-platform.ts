import { flag, json, list as listOf } from '../vocabulary/field-constructors';
import { parseCsv } from '../model/csv';
import { defineListOperation } from '../operation';
import { endpointIdField, makeEnvironmentField } from '../fields/common-fields';
import { rowsWithIndexes, rowsAfter } from '../requests/fetch-lists';
import {
  fetchInventoryCsv,
  inventoryView,
  fetchNetworks,
  networkView,
  fetchProviderOptions,
  providerOptionView,
  fetchStorage,
  storageView,
  type ProviderOptionSide,
} from '../resources/endpoint-platform';

/** Operations for which Coriolis asks the platform of an endpoint: networks, storage, accepted values, inventory. */

const networkList = defineListOperation({
  resource: 'endpoint',
  name: 'getNetworks',
  title: 'Get Networks',
  tool: 'list_endpoint_networks',
  summary: 'List the networks of an endpoint',
  description: 'Network ids are the destinations of a network map.',
  effect: 'read',
  input: { endpointId: endpointIdField, environment: makeEnvironmentField('destination') },
  output: networkView,
  position: ({ id }) => id,
  async *run(coriolis, { endpointId: id, environment }, { after }) {
    yield* rowsAfter(await fetchNetworks(coriolis, id, environment), after, (row) => row.id);
  },
});

const storageList = defineListOperation({
  resource: 'endpoint',
  name: 'getStorage',
  title: 'Get Storage',
  tool: 'list_endpoint_storage',
  summary: 'List the storage of an endpoint',
  description: 'Storage names are the destinations of storage mappings.',
  effect: 'read',
  input: { endpointId: endpointIdField, environment: makeEnvironmentField('destination') },
  output: storageView,
  position: ({ id }) => id,
  async *run(coriolis, { endpointId: id, environment }, { after }) {
    const { backends, standard } = await fetchStorage(coriolis, id, environment);
    const rows = backends.map((backend) => ({ ...backend, is_default: backend.name === standard }));
    yield* rowsAfter(rows, after, (row) => row.id);
  },
});

/** Names and texts of the four operations that list option values. */
interface OptionTexts<Name extends string> {
  readonly side: ProviderOptionSide;
  readonly name: Name;
  readonly title: string;
  readonly action?: string;
  readonly tool: string;
  /** Object that the values are for, in the summary: "a source environment". */
  readonly what: string;
  readonly environment: ReturnType<typeof makeEnvironmentField>;
}

const optionList = <Name extends string>({
  side,
  name,
  title,
  action = `Get the ${side} options of an endpoint`,
  tool,
  what,
  environment,
}: OptionTexts<Name>) =>
  defineListOperation({
    resource: 'endpoint',
    name,
    title,
    form: { action },
    tool,
    summary: `List the values an endpoint offers for ${what}`,
    description: 'Such as images, flavors and networks.',
    effect: 'read',
    input: {
      endpointId: endpointIdField,
      names: listOf('Option Names', 'Only these options.', { optional: true }),
      environment,
    },
    output: providerOptionView,
    position: ({ name: field }) => field,
    async *run(coriolis, { endpointId: id, names, environment: env }, { after }) {
      yield* rowsAfter(await fetchProviderOptions(coriolis, id, side, names, env), after, (row) => row.name);
    },
  });

const poolEnvironment = json('Environment', 'Options of the pool, when the values depend on them.', {
  optional: true,
  advanced: true,
});

const exportInventory = defineListOperation({
  resource: 'endpoint',
  name: 'exportInventory',
  title: 'Export Inventory',
  tool: 'export_endpoint_inventory',
  summary: 'Export the machines of an endpoint as a table',
  description: 'One row for each machine, with the columns of the platform.',
  effect: 'read',
  since: 'inventories',
  input: {
    endpointId: endpointIdField,
    raw: flag('Raw CSV', 'Whether to return the unparsed CSV text, in one row under "csv".'),
    environment: makeEnvironmentField('source'),
  },
  output: inventoryView,
  result: { whole: true },
  position: rowsWithIndexes.position,
  async *run(coriolis, { endpointId: id, raw, environment }, window) {
    const csv = await fetchInventoryCsv(coriolis, id, environment);
    yield* rowsWithIndexes(raw ? [{ csv }] : parseCsv(csv), window);
  },
});

export const endpointPlatformOperations = [
  networkList,
  storageList,
  optionList({
    side: 'source',
    name: 'getSourceOptions',
    title: 'Get Source Options',
    tool: 'list_source_options',
    what: 'a source environment',
    environment: makeEnvironmentField('source'),
  }),
  optionList({
    side: 'destination',
    name: 'getDestinationOptions',
    title: 'Get Destination Options',
    tool: 'list_destination_options',
    what: 'a destination environment',
    environment: makeEnvironmentField('destination'),
  }),
  optionList({
    side: 'source_minion_pool',
    name: 'getSourceMinionPoolOptions',
    title: 'Get Source Minion Pool Options',
    action: 'Get the source pool options of an endpoint',
    tool: 'list_source_pool_options',
    what: 'a source minion pool',
    environment: poolEnvironment,
  }),
  optionList({
    side: 'destination_minion_pool',
    name: 'getDestinationMinionPoolOptions',
    title: 'Get Destination Minion Pool Options',
    action: 'Get the destination pool options of an endpoint',
    tool: 'list_destination_pool_options',
    what: 'a destination minion pool',
    environment: poolEnvironment,
  }),
  exportInventory,
] as const;
