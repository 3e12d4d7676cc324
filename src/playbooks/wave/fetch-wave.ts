import { NotFoundError } from '../../api/errors';
import type { Coriolis } from '../../api/operation-context';
import type { Transfer } from '../../model/api-objects';
import { admitMachines } from './admission';
import { explainFailures } from './failure-words';
import { makeWaveBoard, type WaveBoard } from './board';
import {
  fetchTransferIndex,
  chooseAmongDuplicates,
  type TransferIndex,
  type WaveTransfer,
} from './transfer-index';
import { groupBy } from '../group-by';
import { makeAdmissionCandidate, computeMachineState, type WaveMachine } from './machine-state';
import { WaveObserver, type WaveSnapshot } from './wave-observer';
import { makeRowFromWaveNote, makeRowFromAdoptedTransfer, type PlannedRow } from './planned-row';
import type { WaveGoal } from './machine-position';
import { measureWaveStepDurations } from './step-durations';

/** State of a wave, read without its plan: the notes of its transfers contain what is needed. */
export interface WaveState {
  readonly name: string;
  /** Short hash of the plan under which the newest transfer of the wave was created; null when unknown. */
  readonly shortPlanHash: string | null;
  readonly snapshot: WaveSnapshot;
  readonly machines: readonly WaveMachine[];
}

/**
 * Reads a wave by its name.
 *
 * @param adopted ids of adopted transfers; they must be given, because their notes do not name the wave
 * @throws {NotFoundError} an adopted id is unknown; or, without adopted ids, no transfer names the wave in its notes
 */
export async function fetchWave(
  coriolis: Coriolis,
  name: string,
  { goal, adopted = [] }: { readonly goal: WaveGoal; readonly adopted?: readonly string[] | undefined },
): Promise<WaveState> {
  const first = await fetchTransferIndex(coriolis);
  const own = validTransfersOf(first, name);
  if (own.length === 0 && adopted.length === 0) throw unknownWave(first, name);
  const rows: readonly PlannedRow[] = [
    ...own.map(({ transfer, waveNote }, index) => makeRowFromWaveNote(index + 1, transfer, waveNote)),
    ...adopted.map((id, index) => {
      const transfer = first.byId(id);
      if (transfer === undefined) throw new NotFoundError(`There is no transfer ${id}.`);
      return makeRowFromAdoptedTransfer(own.length + index + 1, transfer, name);
    }),
  ];
  const observer = new WaveObserver(coriolis, { usesPools: false, everyProgress: true });
  const snapshot = await observer.fetchSnapshot((transfers) =>
    rows.flatMap((row) => {
      const transfer =
        row.existingTransfer.kind === 'adopted'
          ? transfers.byId(row.existingTransfer.transfer.id)
          : ownTransfer(transfers, row);
      return transfer === undefined ? [] : [{ transfer, isAdopted: row.existingTransfer.kind === 'adopted' }];
    }),
  );
  const machines = rows.map((row) => computeMachineState(row, snapshot, { goal, scheduled: () => null }));
  const newest = [...own].sort((one, other) =>
    one.transfer.created_at < other.transfer.created_at ? 1 : -1,
  )[0];
  return { name, shortPlanHash: newest?.waveNote.shortPlanHash ?? null, snapshot, machines };
}

/**
 * Transfers of a wave, one for each machine, in the order of the machines. Of duplicates, it is the one that
 * `chooseAmongDuplicates` chooses.
 */
const validTransfersOf = (transfers: TransferIndex, name: string): readonly WaveTransfer[] =>
  [
    ...groupBy(
      transfers.ofWave(name),
      ({ transfer }) =>
        `${transfer.origin_endpoint_id} ${transfer.destination_endpoint_id} ${transfer.instances.join('\n')}`,
    ).values(),
  ]
    .flatMap((group) => chooseAmongDuplicates(group) ?? [])
    .sort((one, other) => (machinesOf(one) < machinesOf(other) ? -1 : 1));

const machinesOf = ({ transfer }: WaveTransfer): string => transfer.instances.join(' ');

const ownTransfer = (transfers: TransferIndex, row: PlannedRow): Transfer | undefined =>
  row.existingTransfer.kind === 'own' ? transfers.byId(row.existingTransfer.transfer.id) : undefined;

function unknownWave(transfers: TransferIndex, name: string): NotFoundError {
  const names = transfers.waveNames().slice(0, 5);
  return new NotFoundError(`No transfer belongs to a wave "${name}".`, {
    advice:
      names.length === 0
        ? 'No wave has begun here, or its transfers were deleted: a wave exists from its first run on, until it is abandoned.'
        : `Waves that have begun: ${names.map((one) => `"${one}"`).join(', ')}.`,
  });
}

/** Number of parallel steps to assume when none is running: the default of `wave.run`. */
const DEFAULT_PARALLEL = 10;

/** Assumed maximum of running steps: the present number, because the limit that `wave.run` was given is not stored. */
const assumedParallel = (machines: readonly WaveMachine[]): number =>
  machines.filter(({ position: { step } }) => step.do === 'wait').length || DEFAULT_PARALLEL;

/** Reads the board of a wave by its name. Machines that are synced are shown as waiting for their cutover. */
export async function fetchWaveBoard(
  coriolis: Coriolis,
  name: string,
  adopted: readonly string[] | undefined,
): Promise<WaveBoard> {
  const wave = await fetchWave(coriolis, name, { goal: 'cut_over', adopted });
  const { earlierDeploySeconds } = wave.snapshot;
  const usual = measureWaveStepDurations(wave.machines, { earlierDeploySeconds });
  const candidates = wave.machines.map((machine) =>
    makeAdmissionCandidate(machine, { held: undefined, retry: undefined, usual }),
  );
  const context = {
    foreignRuns: wave.snapshot.foreignRuns,
    pools: new Map<string, number>(),
    earlierDeploySeconds,
    now: wave.snapshot.now,
  };
  const limits = { maxParallelPerEndpoint: undefined, window: undefined, stopAfter: undefined };
  const { waits } = admitMachines(candidates, { ...limits, maxParallel: Number.MAX_SAFE_INTEGER }, context);
  const gates = wave.machines
    .filter(({ position: { step } }) => step.do === 'final_sync')
    .map(({ key }) => [key, { kind: 'gate', why: 'it is synced and waits for its cutover' }] as const);
  return makeWaveBoard({
    machines: wave.machines,
    blocked: [],
    waits: new Map([...waits, ...gates]),
    failures: await explainFailures(coriolis, wave.machines),
    snapshot: wave.snapshot,
    goal: 'cut_over',
    planHash: wave.shortPlanHash,
    forecast: {
      candidates,
      limits: { ...limits, maxParallel: assumedParallel(wave.machines) },
      context,
    },
    actions: [],
    attention: wave.machines.flatMap(({ row, duplicates }) =>
      duplicates.map(({ id }) => `"${row.name}" has a second transfer: ${id}.`),
    ),
  });
}
