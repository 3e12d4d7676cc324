import { computeProgress, type Progress } from '../../model/run-progress';
import { parseServerTime } from '../../model/timestamps';
import type { Deployment, Execution, Transfer } from '../../model/api-objects';
import type { AdmissionCandidate, MachineWait, StepRetry } from './admission-types';
import { chooseAmongDuplicates, wasNeverExecuted, type TransferIndex } from './transfer-index';
import { morphingPoolIdsOf, syncPoolIdsOf, type WaveSnapshot } from './wave-observer';
import type { PlannedRow } from './planned-row';
import { assumedSecondsOf, estimateMaxStepSeconds, type WaveStepDurations } from './step-durations';
import {
  computeMachinePosition,
  type MachinePosition,
  type WaveStepName,
  type WaveGoal,
} from './machine-position';

/**
 * Milliseconds after its creation by which a transfer is in the lists of all callers. The margin is needed
 * because the server's times are whole seconds.
 */
export const TRANSFER_VISIBLE_AFTER_MS = 3000;

/** State of one machine of a wave: its row, transfer, runs and position. */
export interface WaveMachine {
  /** Key of the machine (see `machineKey`). */
  readonly key: string;
  readonly row: PlannedRow;
  readonly transfer: Transfer | undefined;
  /** Whether the transfer existed before the wave. */
  readonly isAdopted: boolean;
  /** Whether the transfer is so new that another caller's duplicate may still be missing from lists. */
  readonly isJustCreated: boolean;
  readonly executions: readonly Execution[];
  readonly deployments: readonly Deployment[];
  readonly position: MachinePosition;
  /** Progress of the running execution or deployment; undefined when none is running. */
  readonly progress: Progress | undefined;
  /** Duplicate transfers that other callers created at the same moment. */
  readonly duplicates: readonly Transfer[];
}

/** Key of a machine, unique among the machines of all waves. */
const machineKey = (row: PlannedRow): string =>
  `${row.wave}\n${row.originEndpointId ?? ''}\n${row.destinationEndpointId ?? ''}\n${row.instance ?? row.name}`;

/** Finds the transfer that the wave uses for a row, and the duplicates that other callers created. */
export function findTransfersOfRow(
  row: PlannedRow,
  transfers: TransferIndex,
): {
  readonly valid: Transfer | undefined;
  readonly duplicates: readonly Transfer[];
  readonly isAdopted: boolean;
} {
  if (row.existingTransfer.kind === 'adopted') {
    return { valid: transfers.byId(row.existingTransfer.transfer.id), duplicates: [], isAdopted: true };
  }
  const own = transfers.ofMachine(row.wave, row.instance ?? '').filter((one) => belongsTo(one, row));
  const winner = chooseAmongDuplicates(own.map((transfer) => ({ transfer })))?.transfer;
  return {
    valid: winner,
    duplicates: own.filter(({ id }) => id !== winner?.id),
    isAdopted: false,
  };
}

const belongsTo = (transfer: Transfer, row: PlannedRow): boolean =>
  transfer.instances.length === 1 &&
  transfer.origin_endpoint_id === row.originEndpointId &&
  transfer.destination_endpoint_id === row.destinationEndpointId;

/** Computes the state of a machine from what one poll has read. */
export function computeMachineState(
  row: PlannedRow,
  snapshot: WaveSnapshot,
  {
    goal,
    scheduled,
  }: { readonly goal: WaveGoal; readonly scheduled: (transferId: string) => boolean | null },
): WaveMachine {
  const { valid: transfer, duplicates, isAdopted } = findTransfersOfRow(row, snapshot.transfers);
  const { executions = [], deployments = [] } = (transfer && snapshot.runs.get(transfer.id)) ?? {};
  const position = computeMachinePosition(
    {
      transferExists: transfer !== undefined,
      passes: row.passes,
      shutdown: row.shutdown,
      isAdopted,
      executions,
      deployments,
      isScheduled: transfer === undefined ? null : scheduled(transfer.id),
      now: snapshot.now,
    },
    goal,
  );
  const { step } = position;
  return {
    key: machineKey(row),
    row,
    transfer,
    isAdopted,
    isJustCreated:
      transfer !== undefined &&
      wasNeverExecuted(transfer) &&
      computeTransferAgeMs(transfer, snapshot.now) < TRANSFER_VISIBLE_AFTER_MS,
    executions,
    deployments,
    position,
    progress:
      step.do === 'wait'
        ? computeProgress(step.run, snapshot.now, { diskSizes: transfer && snapshot.sizes.get(transfer.id) })
        : undefined,
    duplicates,
  };
}

/** Age of a transfer in milliseconds, by the server's clock. */
export const computeTransferAgeMs = ({ created_at: created }: Transfer, now: number): number =>
  now - (parseServerTime(created) ?? now);

/** Ids of the minion pools that a step uses: a deployment the pools for OS morphing, a sync those of both sides. */
export function poolIdsOfStep(
  { row, transfer }: WaveMachine,
  step: WaveStepName | 'other' | undefined,
): readonly string[] {
  if (transfer === undefined) return row.poolIds;
  return step === 'deploy' ? morphingPoolIdsOf(transfer) : syncPoolIdsOf(transfer);
}

/** Makes the admission candidate of a machine. */
export function makeAdmissionCandidate(
  machine: WaveMachine,
  {
    held,
    retry,
    usual,
  }: {
    readonly held: MachineWait | undefined;
    readonly retry: StepRetry | undefined;
    readonly usual: WaveStepDurations;
  },
): AdmissionCandidate {
  const { row, position, key, isJustCreated } = machine;
  const step = retry?.step ?? currentStepOf(position);
  return {
    key,
    name: row.name,
    wave: row.wave,
    order: row.order,
    line: row.line,
    notBefore: parseServerTime(row.notBefore),
    endpoints: [row.originEndpointId, row.destinationEndpointId].filter((id) => id !== null),
    pools: poolIdsOfStep(machine, step),
    position,
    isJustCreated,
    holdReason: held,
    retry,
    upperSeconds:
      step === undefined || step === 'other' || position.step.do === 'wait'
        ? null
        : estimateMaxStepSeconds(machine, step, usual),
    assumedSeconds: step === undefined || step === 'other' ? 0 : assumedSecondsOf(step, usual),
  };
}

/** Step that a machine starts next, is running, or failed or was canceled in; undefined for none. */
function currentStepOf({ step }: MachinePosition): WaveStepName | 'other' | undefined {
  switch (step.do) {
    case 'sync':
    case 'final_sync':
    case 'deploy':
      return step.do;
    case 'wait':
    case 'failed':
    case 'canceled':
      return step.at;
    default:
      return undefined;
  }
}
