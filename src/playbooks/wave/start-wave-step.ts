import { asError, CapabilityError, NotFoundError } from '../../api/errors';
import type { Coriolis } from '../../api/operation-context';
import { withoutUndefined } from '../../model/json';
import type { ScheduleTimes } from '../../model/schedule';
import type { Transfer } from '../../model/api-objects';
import { appendWaveNote, shortenHash } from '../../model/wave-note';
import { createDeployment } from '../../resources/deployment';
import { startSync } from '../../resources/execution';
import { ensureSchedule } from '../../resources/schedule';
import { createTransfer, type TransferInput } from '../../resources/transfer';
import type { WaveMachine } from './machine-state';
import type { WaveStepName } from './machine-position';

/** Result of starting a step. */
export interface StartedStep {
  /** Id of the transfer, execution, deployment or schedule. */
  readonly id: string;
}

/** Settings that the start of a step needs. */
export interface StepStartSettings {
  /** Hash of the approved plan, which is written into the notes of new transfers. */
  readonly planHash: string;
  /** Times of the schedule to create; undefined for other steps. */
  readonly schedule: ScheduleTimes | undefined;
}

/**
 * Starts a step of a machine. The caller must have read the server's state just before, because this function does not
 * check whether the step was started already.
 */
export async function startWaveStep(
  coriolis: Coriolis,
  machine: WaveMachine,
  step: WaveStepName,
  settings: StepStartSettings,
): Promise<StartedStep> {
  if (step === 'create') return await createWaveTransfer(coriolis, machine, settings.planHash);
  const { transfer, row } = machine;
  if (transfer === undefined) throw new NotFoundError(`"${row.name}" has no transfer.`);
  switch (step) {
    case 'sync':
    case 'final_sync':
      return await startSync(coriolis, transfer.id, {
        shutdownInstances: step === 'final_sync' && row.shutdown,
        autoDeploy: false,
      });
    case 'deploy':
      return await createDeployment(coriolis, {
        transfer_id: transfer.id,
        clone_disks: row.clone,
        skip_os_morphing: row.skipOsMorphing,
        // On servers before 1.1.3 deployments do not take over the scripts of their transfer.
        user_scripts: transfer.user_scripts ?? {},
        ...withoutUndefined({
          instance_osmorphing_minion_pool_mappings:
            transfer.instance_osmorphing_minion_pool_mappings ?? undefined,
        }),
        force: false,
      });
    case 'schedule':
      return await ensureSchedule(coriolis, transfer.id, settings.schedule ?? {});
  }
}

async function createWaveTransfer(
  coriolis: Coriolis,
  { row }: WaveMachine,
  planHash: string,
): Promise<Transfer> {
  if (row.newTransferInput === undefined)
    throw new NotFoundError(`The plan creates no transfer for "${row.name}".`);
  const input: TransferInput = {
    ...row.newTransferInput,
    notes: appendWaveNote(row.newTransferInput.notes, {
      wave: row.wave,
      shortPlanHash: shortenHash(planHash),
      settingsHash: row.settingsHash,
      disksHash: row.disksHash,
      start: { order: row.order, notBefore: row.notBefore },
      passes: row.passes,
      shutdown: row.shutdown,
      clone: row.clone,
      skipOsMorphing: row.skipOsMorphing,
      gib: row.gib,
    }),
  };
  const withoutDefaults = { ...input, cloneDisks: undefined, skipOsMorphing: undefined };
  // Legacy servers have only replicas, and take the settings of a deployment with each deployment.
  if ((await coriolis.client.detectGeneration()) === 'legacy')
    return await createTransfer(coriolis, { ...withoutDefaults, scenario: 'replica' });
  try {
    return await createTransfer(coriolis, input);
  } catch (error) {
    // A capability error without a status means that nothing was sent: servers before 1.1.3 cannot store `clone_disks`
    // and `skip_os_morphing` in a transfer, so each deployment passes them.
    if (!(error instanceof CapabilityError) || error.status !== undefined) throw asError(error);
    return await createTransfer(coriolis, withoutDefaults);
  }
}
