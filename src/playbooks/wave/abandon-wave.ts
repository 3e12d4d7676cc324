import { ConflictError, isCoriolisError, asError } from '../../api/errors';
import type { Coriolis } from '../../api/operation-context';
import { tolerateErrors } from '../../api/tolerate-errors';
import type { Execution, Transfer } from '../../model/api-objects';
import { quoteText } from '../../model/untrusted-text';
import { deleteOne } from '../../requests/object-requests';
import { startDisksDeletion } from '../../resources/transfer';
import { mayHaveCopiedDisks } from '../transfer-preview';
import { key, view } from '../../vocabulary/result-keys';
import { fetchWave } from './fetch-wave';
import { computeMachinePosition } from './machine-position';
import type { WaveMachine } from './machine-state';
import { wasNeverExecuted } from './transfer-index';
import { WaveObserver } from './wave-observer';

/** Action that abandoning a wave takes for one of its transfers. */
export interface AbandonAction {
  readonly machine: string;
  readonly transferId: string;
  /** Action: deleted, disks_deletion (its disks are being deleted: call again to delete the transfer) or kept. */
  readonly action: string;
  /** Reason why the transfer is kept, or is deleted as a duplicate; else null. */
  readonly why: string | null;
}

/** Result of abandoning a wave. */
export interface AbandonedWave {
  readonly wave: string;
  readonly rows: readonly AbandonAction[];
}

const countOf = ({ rows }: AbandonedWave, wanted: string): number =>
  rows.filter(({ action }) => action === wanted).length;

/** Result view of abandoning a wave. */
export const abandonedWaveView = view<AbandonedWave>()({
  wave: key.text('Name', { untrusted: true }),
  deleted: key.number('Transfers deleted', (abandoned: AbandonedWave) => countOf(abandoned, 'deleted')),
  kept: key.number('Transfers kept', (abandoned: AbandonedWave) => countOf(abandoned, 'kept')),
  rows: key.rows('Transfers', {
    machine: key.text('Machine', { untrusted: true }),
    transfer_id: key.text('Transfer', ({ transferId }: AbandonAction) => transferId),
    action: key.text('deleted, disks_deletion (call again after it) or kept'),
    why: key.text('Why', { nullable: true, untrusted: true }),
  }),
});

/** A transfer of a wave, with its machine and the action that abandoning the wave takes for it. */
interface AbandonTarget {
  readonly machine: WaveMachine;
  readonly transfer: Transfer;
  readonly action: AbandonAction;
}

/** Reason to keep the transfer of a machine; undefined when it can be deleted. */
function reasonToKeep({
  position,
  isAdopted,
}: Pick<WaveMachine, 'position' | 'isAdopted'>): string | undefined {
  if (isAdopted) return 'the transfer existed before the wave';
  if (position.completedDeployment !== undefined) return 'its machine was deployed';
  if (position.committed) return 'its source is off: deploy it, or start the source and delete it by hand';
  if (position.step.do === 'wait' || position.step.do === 'look_again')
    return 'a run of the transfer is active';
  return undefined;
}

/** Reason to keep a duplicate that was executed: nobody has looked at what its runs did, such as shut the source down. */
const BEGUN = 'it is a second one that has begun: look at its runs, then delete it by hand';

/** Lists the action that abandoning a wave would take for each of its transfers. Reads only. */
export async function previewAbandonActions(
  coriolis: Coriolis,
  wave: string,
  deleteDisks: boolean,
): Promise<readonly AbandonAction[]> {
  const { machines } = await fetchWave(coriolis, wave, { goal: 'cut_over' });
  return targetsOf(machines, deleteDisks).map(({ action }) => action);
}

const targetsOf = (machines: readonly WaveMachine[], deleteDisks: boolean): readonly AbandonTarget[] =>
  machines.flatMap((machine) => {
    const { transfer, row, duplicates } = machine;
    const targetOf = (one: Transfer, action: string, why: string | null): AbandonTarget => ({
      machine,
      transfer: one,
      action: { machine: row.name, transferId: one.id, action, why },
    });
    const why = reasonToKeep(machine) ?? null;
    return [
      ...(transfer === undefined
        ? []
        : [
            targetOf(
              transfer,
              why === null ? actionOf(transfer, machine.executions, deleteDisks) : 'kept',
              why,
            ),
          ]),
      ...duplicates.map((one) =>
        wasNeverExecuted(one) ? targetOf(one, 'deleted', 'it is a second one') : targetOf(one, 'kept', BEGUN),
      ),
    ];
  });

/**
 * Action for a transfer that can be deleted. Its disks are deleted first when wanted; a failed sync may have left some.
 */
const actionOf = (transfer: Transfer, executions: readonly Execution[], deleteDisks: boolean): string =>
  deleteDisks && mayHaveCopiedDisks(transfer, executions) ? 'disks_deletion' : 'deleted';

/**
 * Deletes the transfers of a wave from which nothing was deployed and whose source is not off. Copied disks stay on the
 * destination unless `deleteDisks` is true. Then this call only starts to delete the disks, and a second call deletes
 * the transfers. The runs of a transfer are read again just before its deletion: a large wave takes a while, and others may
 * start runs meanwhile.
 */
export async function abandonWave(
  coriolis: Coriolis,
  wave: string,
  deleteDisks: boolean,
): Promise<readonly AbandonAction[]> {
  const { machines, snapshot } = await fetchWave(coriolis, wave, { goal: 'cut_over' });
  const observer = new WaveObserver(coriolis, { usesPools: false, everyProgress: false });
  const begunAt = coriolis.clock();
  const done: AbandonAction[] = [];
  for (const target of targetsOf(machines, deleteDisks)) {
    const { action } = target;
    if (action.action === 'kept') {
      done.push(action);
      continue;
    }
    try {
      const current = await judgeAgain(observer, target, {
        now: snapshot.now + coriolis.clock() - begunAt,
        deleteDisks,
      });
      done.push(current.action === 'kept' ? current : await deleteTransfer(coriolis, current));
    } catch (error) {
      if (!isCoriolisError(error) || !(error instanceof ConflictError || error.kind === 'not_found'))
        throw asError(error);
      done.push({ ...action, action: 'kept', why: quoteText(error.message, 200) });
    }
  }
  return done;
}

/**
 * Reads the runs of a transfer, and decides its action by them.
 *
 * @param options `now`: the server's time, milliseconds since 1970
 */
async function judgeAgain(
  observer: WaveObserver,
  { machine, transfer, action }: AbandonTarget,
  { now, deleteDisks }: { readonly now: number; readonly deleteDisks: boolean },
): Promise<AbandonAction> {
  const { row, isAdopted } = machine;
  const runs = await observer.fetchTransferRuns({ transfer, isAdopted }, now);
  if (transfer.id !== machine.transfer?.id)
    return runs.executions.length === 0 ? action : { ...action, action: 'kept', why: BEGUN };
  const { passes, shutdown } = row;
  const facts = { transferExists: true, passes, shutdown, isAdopted, isScheduled: null, ...runs, now };
  const why = reasonToKeep({ isAdopted, position: computeMachinePosition(facts, 'cut_over') });
  const [latest] = runs.executions;
  const current = latest === undefined ? transfer : { ...transfer, last_execution_status: latest.status };
  return why === undefined
    ? { ...action, action: actionOf(current, runs.executions, deleteDisks) }
    : { ...action, action: 'kept', why };
}

/** Starts to delete the disks of a transfer, or deletes the transfer when it has no disks. */
async function deleteTransfer(coriolis: Coriolis, row: AbandonAction): Promise<AbandonAction> {
  if (row.action === 'disks_deletion') {
    const begun = await tolerateErrors(startDisksDeletion(coriolis, row.transferId), ['conflict'], undefined);
    if (begun !== undefined) return row;
  }
  // The server refuses to delete disks when there are none: then the transfer can be deleted. It also refuses while the
  // transfer is busy, and then refuses this deletion as well.
  await deleteOne(coriolis, 'transfer', row.transferId);
  return { ...row, action: 'deleted' };
}
