import { omitKeys, type JsonObject } from '../../model/json';
import type { Instance, Transfer } from '../../model/api-objects';
import { makeStorageMappings } from '../../fields/transfer-fields';
import type { TransferInput } from '../../resources/transfer';
import { DISKS_KEY, hashScripts } from './plan-hash';
import type { ResolvedRow } from './resolved-row';

const GIB = 1024 ** 3;

/**
 * Settings of a row under fixed keys, for its hash and for display. A row with an adopted transfer has the settings of
 * that transfer. A row without a transfer has the disks of its machine.
 */
export function makeRowSettings(row: {
  readonly found: ResolvedRow;
  readonly create: TransferInput;
  readonly adopted: Transfer | undefined;
  readonly wave: string;
  readonly order: number;
  readonly notBefore: string | null;
  readonly passes: number;
  readonly shutdown: boolean;
}): JsonObject {
  const { found, create, adopted, ...plan } = row;
  const common = {
    machine: found.instance,
    wave: plan.wave,
    order: plan.order,
    not_before: plan.notBefore,
    origin_endpoint_id: found.originEndpointId,
    destination_endpoint_id: found.destinationEndpointId,
    scenario: create.scenario,
    passes: plan.passes,
    shutdown: plan.shutdown,
    clone_disks: create.cloneDisks,
    skip_os_morphing: create.skipOsMorphing,
  };
  if (adopted !== undefined) {
    return {
      ...common,
      transfer_id: adopted.id,
      source_environment: adopted.source_environment ?? {},
      destination_environment: omitKeys(
        adopted.destination_environment ?? {},
        'network_map',
        'storage_mappings',
      ),
      network_map: adopted.network_map ?? {},
      storage_mappings: adopted.storage_mappings ?? {},
    };
  }
  return {
    ...common,
    transfer_id: null,
    machine_id: found.machineDetails?.id ?? null,
    source_environment: create.sourceEnvironment ?? {},
    destination_environment: create.destinationEnvironment ?? {},
    network_map: create.networkMap ?? {},
    storage_mappings: makeStorageMappings(create) ?? {},
    notes: create.notes ?? null,
    scripts_sha256: hashScripts(create.userScripts),
    origin_minion_pool_id: create.originMinionPoolId ?? null,
    destination_minion_pool_id: create.destinationMinionPoolId ?? null,
    os_morphing_pools: create.osMorphingPools ?? {},
    ...(found.existingTransfer.kind === 'own' ? {} : disksOf(found.machineDetails)),
  };
}

/**
 * Disks of a machine, for the hash of its row; none while they are unknown. Sizes are those that the source provisions, not
 * what thin disks take, and whole GiB, because releases of a provider round them differently.
 */
function disksOf(details: Instance | undefined): JsonObject {
  const disks = details?.devices?.disks;
  if (disks === undefined) return {};
  const gib = (bytes: number | undefined): number | null =>
    typeof bytes === 'number' ? Math.round(bytes / GIB) : null;
  return { [DISKS_KEY]: Object.fromEntries(disks.map(({ id, size_bytes: bytes }) => [id, gib(bytes)])) };
}
