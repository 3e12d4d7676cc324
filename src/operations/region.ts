import { formatCount } from '../model/display-texts';
import { flag, reference, text } from '../vocabulary/field-constructors';
import { defineListOperation, defineOperation } from '../operation';
import { deletedView } from '../fields/common-fields';
import { fetchUnpagedRows } from '../requests/fetch-lists';
import { deleteOne, fetchOne } from '../requests/object-requests';
import {
  createRegion,
  findCreatedRegions,
  makeRegionPreviewSubject,
  regionView,
  updateRegion,
} from '../resources/region';
import { MAX_DESCRIPTION_LENGTH, MAX_NAME_LENGTH } from '../fields/max-text-lengths';

const regionId = reference('region', 'Region', 'Id or unique name.');

const list = defineListOperation({
  resource: 'region',
  name: 'getAll',
  title: 'Get Many',
  tool: 'list_regions',
  summary: 'List Coriolis regions, the groups of endpoints and workers',
  description: 'Regions belong to the whole installation, not to a project.',
  effect: 'read',
  input: {},
  output: regionView,
  result: { whole: true },
  position: fetchUnpagedRows.position,
  run: (coriolis, _input, window) => fetchUnpagedRows(coriolis, 'region', [], window),
});

const get = defineOperation({
  resource: 'region',
  name: 'get',
  title: 'Get',
  tool: 'get_region',
  summary: 'Get a Coriolis region',
  description: 'Shows which endpoints and services are mapped to it.',
  effect: 'read',
  input: { regionId },
  output: regionView,
  result: { whole: true },
  run: (coriolis, { regionId: id }) => fetchOne(coriolis, 'region', id),
});

const create = defineOperation({
  resource: 'region',
  name: 'create',
  title: 'Create',
  tool: 'create_region',
  summary: 'Create a Coriolis region',
  description: 'Endpoints and services are mapped to it by updating them.',
  effect: 'write',
  input: {
    name: text('Name', 'Name of the region; need not be unique.', { stored: MAX_NAME_LENGTH }),
    description: text('Description', 'Free text for people.', {
      optional: true,
      stored: MAX_DESCRIPTION_LENGTH,
    }),
    enabled: flag('Enabled', 'Whether the workers of the region are used.', { default: true }),
  },
  output: regionView,
  run: (coriolis, { name, description = '', enabled }) =>
    createRegion(coriolis, { name, description, enabled }),
  deduplication: {
    findDuplicates: (coriolis, { name, description = '', enabled }, isRecent) =>
      findCreatedRegions(coriolis, { name, description, enabled }, isRecent),
    durable: true,
    withdraw: (coriolis, { id }) => deleteOne(coriolis, 'region', id),
  },
});

const update = defineOperation({
  resource: 'region',
  name: 'update',
  title: 'Update',
  tool: 'update_region',
  summary: 'Update a Coriolis region, or switch it on and off',
  description: 'Endpoints of a disabled region have no workers.',
  effect: 'write',
  idempotent: true,
  input: {
    regionId,
    name: text('Name', 'New name.', { optional: true, stored: MAX_NAME_LENGTH }),
    description: text('Description', 'New description.', {
      optional: true,
      stored: MAX_DESCRIPTION_LENGTH,
    }),
    enabled: flag('Enabled', 'Whether the workers of the region are used.', { optional: true }),
  },
  output: regionView,
  run: (coriolis, { regionId: id, ...changes }) => updateRegion(coriolis, id, changes),
});

const remove = defineOperation({
  resource: 'region',
  name: 'delete',
  title: 'Delete',
  tool: 'delete_region',
  summary: 'Delete a Coriolis region',
  description: 'Endpoints and services stay; they are no longer mapped to it.',
  effect: 'destroy',
  input: { regionId },
  output: deletedView,
  result: { whole: true },
  async preview(coriolis, { regionId: id }) {
    const region = await fetchOne(coriolis, 'region', id);
    return {
      subject: makeRegionPreviewSubject(region),
      consequences: [
        `Mappings lost: those of ${formatCount(region.mapped_endpoints.length, 'endpoint')} and ${formatCount(region.mapped_services.length, 'service')}.`,
        'Endpoints without any region may then use every worker.',
      ],
    };
  },
  run: (coriolis, { regionId: id }) => deleteOne(coriolis, 'region', id),
});

export const regionOperations = [list, get, create, update, remove] as const;
