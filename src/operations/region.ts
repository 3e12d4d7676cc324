import { path } from '../api/path';
import { InvalidInputError } from '../api/errors';
import type { Coriolis } from '../api/coriolis';
import { flag, reference, text } from '../vocabulary/fields';
import { hasSettings } from '../model/same-settings';
import type { Region } from '../model/types';
import { defineList, defineOperation } from '../operation';
import { subjectOf } from '../vocabulary/preview';
import { key, view } from '../vocabulary/shape';
import { deletedView } from '../resources/inputs';
import { wholeList } from '../resources/listing';
import { given } from '../resources/payload';

const regionId = reference('region', 'Region', 'Region to work with: its id, or its exact name when unique.');

const regionView = view<Region>()(
  {
    id: key.text('Region id'),
    name: key.text('Name', { untrusted: true }),
    description: key.text('Description', { nullable: true, untrusted: true }),
    enabled: key.flag('Whether its workers are used'),
    mapped_endpoints: key.texts('Ids of the endpoints mapped to it, also of other projects'),
    mapped_services: key.texts('Ids of the services mapped to it'),
    created_at: key.time('Created'),
    updated_at: key.time('Last changed', { nullable: true }),
  },
  ({ id, name, description, enabled, mapped_endpoints, mapped_services, created_at, updated_at }) => ({
    id,
    name,
    description,
    enabled,
    mapped_endpoints,
    mapped_services,
    created_at,
    updated_at,
  }),
);

async function fetchRegion({ client }: Coriolis, id: string): Promise<Region> {
  return (await client.get<{ region: Region }>(path`/regions/${id}`)).region;
}

const list = defineList({
  resource: 'region',
  name: 'getAll',
  title: 'Get Many',
  tool: 'list_regions',
  summary: 'List Coriolis regions, the groups of endpoints and workers',
  description: 'Regions belong to the whole installation, not to a project.',
  effect: 'read',
  whole: true,
  serves: ['L-REG-LIST', 'C-REG-LIST'],
  input: {},
  output: regionView,
  position: wholeList.position,
  run: ({ client }, _input, window) => wholeList<Region>(client, '/regions', 'regions', window),
});

const get = defineOperation({
  resource: 'region',
  name: 'get',
  title: 'Get',
  tool: 'get_region',
  summary: 'Get a Coriolis region',
  description: 'Shows which endpoints and services are mapped to it.',
  effect: 'read',
  whole: true,
  serves: ['L-REG-SHOW', 'C-REG-SHOW'],
  input: { regionId },
  output: regionView,
  run: (coriolis, { regionId: id }) => fetchRegion(coriolis, id),
});

/** Finds a region with this name that was created recently. */
async function findCreated(
  client: Coriolis['client'],
  settings: Readonly<Partial<Region>>,
  lately: (createdAt: string) => boolean,
): Promise<Region | undefined> {
  const { regions } = await client.get<{ regions: Region[] }>('/regions');
  return regions.find((one) => lately(one.created_at) && hasSettings(one, settings));
}

const create = defineOperation({
  resource: 'region',
  name: 'create',
  title: 'Create',
  tool: 'create_region',
  summary: 'Create a Coriolis region',
  description: 'Endpoints and services are mapped to it by updating them.',
  effect: 'write',
  serves: ['L-REG-CREATE', 'C-REG-CREATE'],
  input: {
    name: text('Name', 'Name of the region; need not be unique.'),
    description: text('Description', 'What it is, for people.', { optional: true }),
    enabled: flag('Enabled', 'Whether its workers are used.', { default: true }),
  },
  output: regionView,
  async run({ client }, { name, description, enabled }) {
    const { region } = await client.post<{ region: Region }>(
      '/regions',
      { region: { name, description: description ?? '', enabled } },
      {
        recover: async (createdSince) => {
          const found = await findCreated(client, { name }, createdSince);
          return found && { region: found };
        },
      },
    );
    return region;
  },
  retry: {
    findDuplicate: ({ client }, { name, description = '', enabled }, isRecent) =>
      findCreated(client, { name, description, enabled }, isRecent),
    durable: true,
  },
});

const update = defineOperation({
  resource: 'region',
  name: 'update',
  title: 'Update',
  tool: 'update_region',
  summary: 'Update a Coriolis region, or switch it on and off',
  description: 'Endpoints of a disabled region have no workers: their calls fail until it is enabled.',
  effect: 'write',
  idempotent: true,
  serves: ['L-REG-UPDATE', 'C-REG-UPDATE'],
  input: {
    regionId,
    name: text('Name', 'New name.', { optional: true }),
    description: text('Description', 'New description.', { optional: true }),
    enabled: flag('Enabled', 'Whether its workers are used.', { optional: true }),
  },
  output: regionView,
  async run({ client }, { regionId: id, name, description, enabled }) {
    const changes = given({ name, description, enabled });
    if (Object.keys(changes).length === 0) {
      throw new InvalidInputError('Nothing to update: give a name, a description, or whether it is enabled.');
    }
    const { region } = await client.put<{ region: Region }>(path`/regions/${id}`, { region: changes });
    return region;
  },
});

const remove = defineOperation({
  resource: 'region',
  name: 'delete',
  title: 'Delete',
  tool: 'delete_region',
  summary: 'Delete a Coriolis region',
  description: 'Endpoints and services stay; they are no longer mapped to it.',
  effect: 'destroy',
  whole: true,
  serves: ['L-REG-DELETE', 'C-REG-DELETE'],
  input: { regionId },
  output: deletedView,
  async preview(coriolis, { regionId: id }) {
    const region = await fetchRegion(coriolis, id);
    return {
      subject: subjectOf(region, region.name, region.enabled ? 'enabled' : 'disabled'),
      consequences: [
        `${region.mapped_endpoints.length} endpoints and ${region.mapped_services.length} services lose their mapping to it.`,
        'Endpoints without any region may then use every worker.',
      ],
    };
  },
  async run({ client }, { regionId: id }) {
    await client.delete(path`/regions/${id}`);
    return { id };
  },
});

export const regionOperations = [list, get, create, update, remove] as const;
