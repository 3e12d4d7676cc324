import { path } from '../api/path';
import type { Coriolis } from '../api/coriolis';
import { omit } from '../model/json';
import { transferName } from '../model/names';
import type { Transfer } from '../model/types';
import { key, pick, view } from '../vocabulary/shape';

/** Result keys of a transfer. */
export const transferShape = {
  id: key.text('Transfer id'),
  name: key.text('Notes, else the instances', { untrusted: true }),
  scenario: key.text('replica (repeated, disaster recovery) or live_migration (one move)'),
  status: key.text('Status of the latest execution of any type; UNEXECUTED before the first'),
  instances: key.texts('Machines it moves', { untrusted: true }),
  origin_endpoint_id: key.text('Endpoint it moves from'),
  destination_endpoint_id: key.text('Endpoint it moves to'),
  created_at: key.time('Created'),
  updated_at: key.time('Last change of status', { nullable: true }),
  notes: key.text('Notes', { nullable: true, untrusted: true }),
  network_map: key.json('Source network to destination network', { nullable: true }),
  storage_mappings: key.json('Storage of the destination', { nullable: true }),
  source_environment: key.json('Options of the source platform', { nullable: true }),
  destination_environment: key.json('Options of the destination platform', { nullable: true }),
  clone_disks: key.flag('Whether deployments clone the disks by default', { nullable: true }),
  skip_os_morphing: key.flag('Whether deployments leave the guest as it is by default', { nullable: true }),
};

/** Result keys of a transfer in a list. */
export const transferRowShape = pick(
  transferShape,
  'id',
  'name',
  'scenario',
  'status',
  'instances',
  'origin_endpoint_id',
  'destination_endpoint_id',
  'created_at',
  'updated_at',
);

/** Values of a transfer in a list. */
export const transferRow = (transfer: Transfer) => ({
  id: transfer.id,
  name: transferName(transfer),
  scenario: transfer.scenario ?? 'replica',
  status: transfer.last_execution_status,
  instances: transfer.instances,
  origin_endpoint_id: transfer.origin_endpoint_id,
  destination_endpoint_id: transfer.destination_endpoint_id,
  created_at: transfer.created_at,
  updated_at: transfer.updated_at,
});

/** Values of a single transfer. */
export const transferDetail = (transfer: Transfer) => {
  // The server adds copies of both maps to the environment (coriolis-api.md §11.4).
  const environment = omit(transfer.destination_environment ?? {}, 'network_map', 'storage_mappings');
  return {
    ...transferRow(transfer),
    notes: transfer.notes,
    network_map: transfer.network_map,
    storage_mappings: transfer.storage_mappings,
    source_environment: transfer.source_environment,
    destination_environment: environment,
    clone_disks: transfer.clone_disks ?? null,
    skip_os_morphing: transfer.skip_os_morphing ?? null,
  };
};

export const transferView = view<Transfer>()(transferShape, transferDetail);

/**
 * Fetches one transfer.
 * @param instancesData whether it comes with what Coriolis knows about each instance (coriolis-api.md §5: from 1.1.9
 * on)
 */
export async function fetchTransfer(
  { client }: Coriolis,
  id: string,
  instancesData = false,
): Promise<Transfer> {
  const { transfer } = await client.get<{ transfer: Transfer }>(path`/transfers/${id}`, {
    query: { include_task_info: instancesData ? true : undefined },
  });
  return transfer;
}
