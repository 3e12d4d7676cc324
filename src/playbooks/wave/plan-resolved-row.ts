import type { Transfer } from '../../model/api-objects';
import type { TransferInput } from '../../resources/transfer';
import type { WaveSettings } from './wave-input';
import { estimateCopySeconds, computeTotalDiskSizeGib } from './copy-pace';
import { combineHashes, hashRow } from './plan-hash';
import { plannedRowHead, type PlannedRow } from './planned-row';
import type { ResolvedRow } from './resolved-row';
import { findRowProblem, findRowWarnings } from './row-problem-and-warnings';
import { makeRowSettings } from './row-settings';
import { makeTransferInput } from './row-transfer-input';

/**
 * Makes the planned row of a resolved row: the transfer to create, the settings and their hash, problem and warnings.
 */
export function planResolvedRow(blueprint: WaveSettings, found: ResolvedRow): PlannedRow {
  const { row, instance, existingTransfer, machineDetails, pace } = found;
  const { table, overrides, wave, order, notBefore } = row;
  const adopted = existingTransfer.kind === 'adopted' ? existingTransfer.transfer : undefined;
  const scenario = adopted?.scenario ?? overrides.scenario ?? blueprint.scenario;
  const { input, unmapped } = makeTransferInput(blueprint, found);
  const passes = overrides.passes ?? blueprint.passes;
  const shutdown = blueprint.shutdownInstances && (overrides.shutdownInstances ?? true);
  const clone = overrides.cloneDisks ?? blueprint.cloneDisks ?? scenario !== 'live_migration';
  const skipOsMorphing = overrides.skipOsMorphing ?? blueprint.skipOsMorphing ?? false;
  const create: TransferInput = { ...input, scenario, cloneDisks: clone, skipOsMorphing };
  const settings = makeRowSettings({ found, create, adopted, wave, order, notBefore, passes, shutdown });
  const gib = computeTotalDiskSizeGib(machineDetails) ?? table.disksGb;
  return {
    ...plannedRowHead(row, settings),
    // The disks of a machine whose transfer exists are those of the plan under which it was created.
    ...(existingTransfer.kind === 'own'
      ? combineHashes(hashRow(settings).settingsHash, existingTransfer.waveNote.disksHash)
      : {}),
    problem:
      overrides.shutdownInstances === true && !blueprint.shutdownInstances
        ? 'its row shuts the source down, but the wave does not: set Shut Down Instances for the wave'
        : findRowProblem(found, create),
    warnings: findRowWarnings(found, unmapped, shutdown),
    instance,
    existingTransfer,
    newTransferInput: existingTransfer.kind === 'none' ? create : undefined,
    originEndpointId: found.originEndpointId,
    destinationEndpointId: found.destinationEndpointId,
    scenario,
    passes,
    shutdown,
    clone,
    skipOsMorphing,
    poolIds: poolsOf(adopted, create),
    disks: machineDetails?.devices?.disks?.length ?? null,
    gib: gib === null ? null : Math.round(gib * 10) / 10,
    firstCopySeconds: adopted === undefined ? estimateCopySeconds(gib, pace) : null,
    unmapped,
  };
}

/** Ids of the minion pools of an adopted transfer, or of the transfer to create. */
const poolsOf = (adopted: Transfer | undefined, create: TransferInput): readonly string[] =>
  [
    adopted === undefined ? create.originMinionPoolId : adopted.origin_minion_pool_id,
    adopted === undefined ? create.destinationMinionPoolId : adopted.destination_minion_pool_id,
  ].filter((id) => typeof id === 'string');
