import type { Instance } from '../model/types';
import { key, pickShape, view } from '../vocabulary/result-keys';
import { instanceIdentifier } from './platform';

type Disk = NonNullable<NonNullable<Instance['devices']>['disks']>[number];

const instanceKeys = {
  instance: key.text('Identifier to use in transfers', (instance: Instance) => instanceIdentifier(instance), {
    untrusted: true,
  }),
  name: key.text('Name', { untrusted: true }),
  os_type: key.text('Operating system family'),
  vcpus: key.number('Virtual processors', ({ num_cpu: count }: Instance) => count),
  memory_mb: key.number('Memory in MiB'),
  firmware: key.text('BIOS or EFI', ({ firmware_type: type }: Instance) => type, { nullable: true }),
  disks: key.rows(
    'Disks',
    {
      id: key.text('Disk id, for storage mappings'),
      size_bytes: key.number('Size in bytes', { nullable: true }),
      storage_backend: key.text(
        'Storage it lies on at the source',
        ({ storage_backend_identifier: backend }: Disk) => backend,
        { nullable: true },
      ),
    },
    ({ devices }: Instance) => devices?.disks ?? [],
  ),
  networks: key.texts('Source networks, the keys of a network map', networksOf, { untrusted: true }),
};

/** Names of the networks of an instance, each once. */
function networksOf({ devices }: Instance): readonly string[] {
  return [...new Set((devices?.nics ?? []).flatMap(({ network_name: name }) => name ?? []))];
}

export const instanceView = view<Instance>()(instanceKeys);

/** An instance as one row of a list, without its devices. */
export const instanceRowView = view<Instance>()(
  pickShape(instanceKeys, 'instance', 'name', 'os_type', 'vcpus', 'memory_mb', 'firmware'),
);
