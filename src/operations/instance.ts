import { flag, reference, text } from '../vocabulary/fields';
import { omit } from '../model/json';
import type { Instance } from '../model/types';
import { defineList, defineOperation } from '../operation';
import { key, pick, view } from '../vocabulary/shape';
import { endpointId, environmentOf } from '../resources/inputs';
import { fetchInstance, instanceIdentifier, instances } from '../resources/platform';
import { machinesInTransfers } from '../resources/transfer';

const environment = environmentOf('source');

const shape = {
  instance: key.text('Identifier to use in transfers', { untrusted: true }),
  name: key.text('Name', { untrusted: true }),
  os_type: key.text('Operating system family'),
  vcpus: key.number('Virtual processors'),
  memory_mb: key.number('Memory in MiB'),
  firmware: key.text('BIOS or EFI', { nullable: true }),
  disks: key.rows('Disks', {
    id: key.text('Disk id, for storage mappings'),
    size_bytes: key.number('Size in bytes', { nullable: true }),
    storage_backend: key.text('Storage it lies on at the source', { nullable: true }),
  }),
  networks: key.texts('Source networks, the keys of a network map', { untrusted: true }),
};

const detailOf = (instance: Instance) => ({
  instance: instanceIdentifier(instance),
  name: instance.name,
  os_type: instance.os_type,
  vcpus: instance.num_cpu,
  memory_mb: instance.memory_mb,
  firmware: instance.firmware_type ?? null,
  disks: (instance.devices?.disks ?? []).map((disk) => ({
    id: disk.id,
    size_bytes: disk.size_bytes ?? null,
    storage_backend: disk.storage_backend_identifier ?? null,
  })),
  networks: [
    ...new Set(
      (instance.devices?.nics ?? []).flatMap(({ network_name: name }) => (name === undefined ? [] : [name])),
    ),
  ],
});

const rowShape = pick(shape, 'instance', 'name', 'os_type', 'vcpus', 'memory_mb', 'firmware');

const list = defineList({
  resource: 'instance',
  name: 'getAll',
  title: 'Get Many',
  tool: 'list_instances',
  summary: 'List the VMs (instances) of an endpoint',
  description: 'Asks the source platform, which takes seconds. Use the search on large estates.',
  effect: 'read',
  serves: ['L-END-INST-LIST', 'C-END-INST-LIST'],
  input: {
    endpointId,
    search: text(
      'Search',
      'Only machines whose name matches; a substring or pattern, as the platform understands it.',
      {
        optional: true,
      },
    ),
    withoutTransfer: flag('Without Transfer', 'Whether to list only machines that are in no transfer.'),
    environment,
    refresh: flag('Refresh', 'Whether to bypass the cache of the worker.', {
      advanced: true,
      since: 'refresh',
    }),
  },
  output: view<Instance>()(rowShape, (instance) => omit(detailOf(instance), 'disks', 'networks')),
  position: ({ id }) => id,
  async *run(
    coriolis,
    { endpointId: id, search, withoutTransfer, environment: env, refresh },
    { limit, after },
  ) {
    const query = { name: search, environment: env, refresh, after };
    if (!withoutTransfer) {
      yield* instances(coriolis, id, { ...query, limit });
      return;
    }
    const taken = await machinesInTransfers(coriolis, id);
    for await (const instance of instances(coriolis, id, query))
      if (!taken.has(instanceIdentifier(instance))) yield instance;
  },
});

const get = defineOperation({
  resource: 'instance',
  name: 'get',
  title: 'Get',
  tool: 'get_instance',
  summary: 'Get a VM (instance) of an endpoint with its disks and networks',
  description: 'Shows what network maps and storage mappings need: source networks and disk ids.',
  effect: 'read',
  serves: ['L-END-INST-SHOW', 'C-END-INST-SHOW'],
  input: {
    endpointId,
    instance: reference(
      'instance',
      'Instance (VM)',
      'Identifier of the machine as the instance list gives it.',
      {
        within: 'endpointId',
      },
    ),
    environment,
  },
  output: view<Instance>()(shape, detailOf),
  run: (coriolis, { endpointId: id, instance, environment: env }) =>
    fetchInstance(coriolis, id, instance, env),
});

export const instanceOperations = [list, get] as const;
