import { choice, reference } from '../vocabulary/field-constructors';
import { defineListOperation, defineOperation } from '../operation';
import { fetchProviders, fetchPlatformSchema, providerView, platformSchemaView } from '../resources/provider';

const list = defineListOperation({
  resource: 'provider',
  name: 'getAll',
  title: 'Get Many',
  tool: 'list_providers',
  summary: 'List the platforms this Coriolis can migrate from and to',
  description: 'Tells which have workers, and can be source or destination.',
  effect: 'read',
  input: {},
  output: providerView,
  result: { whole: true },
  position: ({ name }) => name,
  async *run(coriolis, _input, { after }) {
    for (const provider of await fetchProviders(coriolis)) {
      if (after === undefined || provider.name > after) yield provider;
    }
  },
});

const schema = defineOperation({
  resource: 'provider',
  name: 'getSchema',
  title: 'Get Schema',
  tool: 'get_provider_schema',
  summary: 'Get the JSON schema of a platform for connections or environments',
  description: 'Read it before creating an endpoint or a transfer: the schema names the fields.',
  effect: 'read',
  input: {
    platform: reference('provider', 'Platform', 'Platform name from the list of providers.', {
      placeholder: 'vmware_vsphere',
    }),
    kind: choice('Kind', 'What the schema describes.', [
      { value: 'connection', title: 'Connection', description: 'Connection details of an endpoint' },
      {
        value: 'source',
        title: 'Source Environment',
        description: 'Options when migrating from the platform',
      },
      {
        value: 'destination',
        title: 'Destination Environment',
        description: 'Options when migrating to the platform',
      },
      {
        value: 'source_minion_pool',
        title: 'Source Minion Pool',
        description: 'Options of minion pools for sources',
      },
      {
        value: 'destination_minion_pool',
        title: 'Destination Minion Pool',
        description: 'Options of minion pools for destinations',
      },
    ]),
  },
  output: platformSchemaView,
  result: { resourceUri: 'providers/{platform}/schemas/{kind}', whole: true },
  async run(coriolis, { platform, kind }) {
    return { platform, kind, schema: await fetchPlatformSchema(coriolis, platform, kind) };
  },
});

export const providerOperations = [list, schema] as const;
