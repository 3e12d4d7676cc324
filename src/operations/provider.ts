import { path } from '../api/path';
import type { Coriolis } from '../api/coriolis';
import { choice, reference } from '../vocabulary/fields';
import type { JsonObject } from '../model/json';
import { defineList, defineOperation } from '../operation';
import { out, view } from '../vocabulary/shape';

/** Provider type codes that a person asks about (coriolis-api.md §6.1). */
const codes = {
  connection: 16,
  destination: 4,
  source: 8,
  source_minion_pool: 524_288,
  destination_minion_pool: 1_048_576,
} as const;

/** What a platform can have a schema for. */
export type SchemaKind = keyof typeof codes;

const code = (types: readonly number[], wanted: number): boolean => types.includes(wanted);

interface Provider {
  readonly name: string;
  readonly types: readonly number[];
}

const providerView = view<Provider>()(
  {
    name: out.text('Platform name, the type of its endpoints'),
    source: out.flag('Whether machines can be moved away from it'),
    destination: out.flag('Whether machines can be moved to it'),
    types: out.values('Provider type codes of its capabilities'),
  },
  ({ name, types }) => ({
    name,
    source: code(types, codes.source),
    destination: code(types, codes.destination),
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

/**
 * The one schema that a platform has for something; undefined when it has the capability without a schema.
 * @throws {NotFoundError} no worker has the platform, or the platform lacks the capability
 */
export async function fetchSchema(
  { client }: Coriolis,
  platform: string,
  kind: SchemaKind,
): Promise<JsonObject | undefined> {
  const { schemas } = await client.get<{ schemas: Readonly<Record<string, JsonObject>> }>(
    path`/providers/${platform}/schemas/${String(codes[kind])}`,
  );
  return Object.values(schemas)[0];
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
      platform: out.text('Platform name'),
      kind: out.text('What the schema describes'),
      schema: out.json('JSON schema; empty when the platform has none for it'),
    },
    ({ platform, kind, schema: given }) => ({ platform, kind, schema: given ?? {} }),
  ),
  async run(coriolis, { platform, kind }) {
    return { platform, kind, schema: await fetchSchema(coriolis, platform, kind) };
  },
});

export const providerOperations = [list, schema] as const;
