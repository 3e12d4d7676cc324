import { choice, reference } from '../vocabulary/fields';
import type { JsonObject } from '../model/json';
import { defineList, defineOperation } from '../operation';
import { fetchSchema, PROVIDER_TYPES } from '../resources/provider';
import type { SchemaKind } from '../resources/provider';
import { key, view } from '../vocabulary/shape';

interface Provider {
  readonly name: string;
  readonly types: readonly number[];
}

const providerView = view<Provider>()(
  {
    name: key.text('Platform name, the type of its endpoints'),
    source: key.flag('Whether machines can be moved away from it'),
    destination: key.flag('Whether machines can be moved to it'),
    types: key.values('Provider type codes of its capabilities'),
  },
  ({ name, types }) => ({
    name,
    source: types.includes(PROVIDER_TYPES.source),
    destination: types.includes(PROVIDER_TYPES.destination),
    types,
  }),
);

const list = defineList({
  resource: 'provider',
  name: 'getAll',
  title: 'Get Many',
  tool: 'list_providers',
  summary: 'List the platforms this Coriolis can migrate from and to',
  description: 'Tells which platforms have workers, and whether each can be a source, a destination or both.',
  effect: 'read',
  whole: true,
  serves: ['L-PRO-LIST', 'C-PRO-LIST'],
  input: {},
  output: providerView,
  position: ({ name }) => name,
  async *run({ client }, _input, { after }) {
    const { providers } = await client.get<{ providers: Record<string, { types: number[] }> }>('/providers');
    for (const name of Object.keys(providers).sort()) {
      if (after !== undefined && name <= after) continue;
      yield { name, types: providers[name]?.types ?? [] };
    }
  },
});

interface Schema {
  readonly platform: string;
  readonly kind: SchemaKind;
  readonly schema: JsonObject | undefined;
}

const schema = defineOperation({
  resource: 'provider',
  name: 'getSchema',
  title: 'Get Schema',
  tool: 'get_provider_schema',
  address: 'providers/{platform}/schemas/{kind}',
  summary: 'Get the JSON schema of a platform for connections or environments',
  description: 'Read it before creating an endpoint or a transfer: it names required and accepted fields.',
  effect: 'read',
  whole: true,
  serves: ['L-PRO-SCHEMA', 'C-PRO-SCHEMA'],
  input: {
    platform: reference('provider', 'Platform', 'Platform name as listed by the providers.', {
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
  output: view<Schema>()(
    {
      platform: key.text('Platform name'),
      kind: key.text('What the schema describes'),
      schema: key.json('JSON schema; empty when the platform has none for it'),
    },
    ({ platform, kind, schema: given }) => ({ platform, kind, schema: given ?? {} }),
  ),
  async run(coriolis, { platform, kind }) {
    return { platform, kind, schema: await fetchSchema(coriolis, platform, kind) };
  },
});

export const providerOperations = [list, schema] as const;
