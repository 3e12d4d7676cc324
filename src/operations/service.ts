import { InvalidInputError } from '../api/errors';
import { path } from '../api/path';
import type { Coriolis } from '../api/coriolis';
import { flag, list as listOf, reference, text } from '../vocabulary/fields';
import type { Service } from '../model/types';
import { defineList, defineOperation } from '../operation';
import { subjectOf } from '../vocabulary/preview';
import { key, view } from '../vocabulary/shape';
import { deletedView } from '../resources/inputs';
import { wholeList } from '../resources/listing';
import { given } from '../resources/payload';

const serviceId = reference('service', 'Service', 'Id of the service.');

const serviceView = view<Service>()(
  {
    id: key.text('Service id'),
    host: key.text('Host it runs on'),
    binary: key.text('Program, usually coriolis-worker'),
    topic: key.text('Message topic'),
    enabled: key.flag('Whether it gets work'),
    status: key.text('UP, DOWN or UNKNOWN'),
    platforms: key.texts('Platforms it serves'),
    mapped_regions: key.texts('Ids of the regions it is mapped to'),
    created_at: key.time('Registered'),
    updated_at: key.time('Last changed', { nullable: true }),
  },
  ({ id, host, binary, topic, enabled, status, providers, mapped_regions, created_at, updated_at }) => ({
    id,
    host,
    binary,
    topic,
    enabled,
    status,
    platforms: Object.keys(providers ?? {}).sort(),
    mapped_regions,
    created_at,
    updated_at,
  }),
);

async function fetchService({ client }: Coriolis, id: string): Promise<Service> {
  return (await client.get<{ service: Service }>(path`/services/${id}`)).service;
}

const regions = listOf('Regions', 'Regions to map it to, by id or exact name.', {
  optional: true,
  of: { resource: 'region' },
});

const list = defineList({
  resource: 'service',
  name: 'getAll',
  title: 'Get Many',
  tool: 'list_services',
  summary: 'List the worker services of Coriolis',
  description: 'Tells which workers are up and which platforms each serves.',
  effect: 'read',
  serves: ['L-SVC-LIST', 'C-SVC-LIST'],
  input: {},
  output: serviceView,
  position: wholeList.position,
  run: ({ client }, _input, window) => wholeList<Service>(client, '/services', 'services', window),
});

const get = defineOperation({
  resource: 'service',
  name: 'get',
  title: 'Get',
  tool: 'get_service',
  summary: 'Get a worker service of Coriolis',
  description: 'Shows its status, platforms and regions.',
  effect: 'read',
  serves: ['L-SVC-SHOW', 'C-SVC-SHOW'],
  input: { serviceId },
  output: serviceView,
  run: (coriolis, { serviceId: id }) => fetchService(coriolis, id),
});

const create = defineOperation({
  resource: 'service',
  name: 'create',
  title: 'Register',
  tool: 'create_service',
  summary: 'Register a worker service by hand',
  description:
    'Workers register themselves; this is for those that cannot. The server contacts the host, which may take a minute.',
  effect: 'write',
  serves: ['L-SVC-CREATE', 'C-SVC-CREATE'],
  input: {
    host: text('Host', 'Host the worker runs on.'),
    binary: text('Binary', 'Its program.', { placeholder: 'coriolis-worker' }),
    topic: text('Topic', 'Its message topic.', { placeholder: 'coriolis_worker' }),
    regions,
    enabled: flag('Enabled', 'Whether it gets work.', { default: true }),
  },
  output: serviceView,
  async run({ client }, { host, binary, topic, regions: ids, enabled }) {
    const { service } = await client.post<{ service: Service }>(
      '/services',
      { service: { host, binary, topic, mapped_regions: ids ?? [], enabled } },
      {
        slow: true,
        recover: async (createdSince) => {
          const { services } = await client.get<{ services: Service[] }>('/services');
          const found = services.find(
            (candidate) =>
              candidate.host === host && candidate.topic === topic && createdSince(candidate.created_at),
          );
          return found && { service: found };
        },
      },
    );
    return service;
  },
});

const update = defineOperation({
  resource: 'service',
  name: 'update',
  title: 'Update',
  tool: 'update_service',
  summary: 'Enable, disable or map a worker service',
  description: 'Only what is given changes; regions are left alone unless given.',
  effect: 'write',
  idempotent: true,
  serves: ['L-SVC-UPDATE', 'C-SVC-UPDATE'],
  input: { serviceId, enabled: flag('Enabled', 'Whether it gets work.', { optional: true }), regions },
  output: serviceView,
  async run({ client }, { serviceId: id, enabled, regions: ids }) {
    const changes = given({ enabled, mapped_regions: ids });
    if (Object.keys(changes).length === 0) {
      throw new InvalidInputError('Nothing to update: give whether it is enabled, or its regions.');
    }
    const { service } = await client.put<{ service: Service }>(path`/services/${id}`, { service: changes });
    return service;
  },
});

const remove = defineOperation({
  resource: 'service',
  name: 'delete',
  title: 'Delete',
  tool: 'delete_service',
  summary: 'Delete the registration of a worker service',
  description: 'A worker that still runs registers itself again when it starts next.',
  effect: 'destroy',
  whole: true,
  serves: ['L-SVC-DELETE', 'C-SVC-DELETE'],
  input: { serviceId },
  output: deletedView,
  async preview(coriolis, { serviceId: id }) {
    const service = await fetchService(coriolis, id);
    return {
      subject: subjectOf(service, service.host, service.status),
      consequences: ['Coriolis no longer gives it work; platforms that only it serves become unavailable.'],
    };
  },
  async run({ client }, { serviceId: id }) {
    await client.delete(path`/services/${id}`);
    return { id };
  },
});

export const serviceOperations = [list, get, create, update, remove] as const;
