import type { Coriolis } from '../../api/operation-context';
import { parseMigrationPlan } from '../../model/migration-plan';
import type { Transfer } from '../../model/api-objects';
import { fetchAllPagesWithTime } from '../../requests/fetch-lists';
import { parseWaveNote, type WaveNote } from '../../model/wave-note';

/** A transfer that a wave created, with the note about the wave that its notes contain. */
export interface WaveTransfer {
  readonly transfer: Transfer;
  readonly waveNote: WaveNote;
}

/** Result of the search for an existing transfer of a machine between two endpoints. */
export type ExistingTransferMatch =
  | { readonly kind: 'none' }
  /** Created by this wave. */
  | { readonly kind: 'own'; readonly transfer: Transfer; readonly waveNote: WaveNote }
  /** A transfer that existed before the wave, and that the wave adopts. */
  | { readonly kind: 'adopted'; readonly transfer: Transfer }
  /** Reason why the wave can neither adopt nor create a transfer for the machine. */
  | { readonly kind: 'problem'; readonly message: string };

/**
 * Index of a project's transfers by id, machine and wave. Each poll looks up every machine of a wave among thousands of
 * transfers, so scanning them would take too long.
 */
export class TransferIndex {
  private readonly byMachine = new Map<string, Transfer[]>();
  private readonly byWave = new Map<string, WaveTransfer[]>();
  private readonly ids = new Map<string, Transfer>();

  add(transfer: Transfer): void {
    this.ids.set(transfer.id, transfer);
    for (const instance of transfer.instances) addTo(this.byMachine, instance, transfer);
    const waveNote = parseWaveNote(transfer.notes)?.waveNote;
    if (waveNote !== undefined) addTo(this.byWave, waveNote.wave, { transfer, waveNote });
  }

  /** Transfers that a wave created. */
  ofWave(wave: string): readonly WaveTransfer[] {
    return this.byWave.get(wave) ?? [];
  }

  /** Transfers that a wave created for one machine. */
  ofMachine(wave: string, machine: string): readonly Transfer[] {
    return (this.byMachine.get(machine) ?? []).filter(
      ({ notes }) => parseWaveNote(notes)?.waveNote.wave === wave,
    );
  }

  /** Transfers of a machine between its endpoints that its wave did not create. */
  othersOfMachine(
    wave: string,
    {
      instance,
      originEndpointId: origin,
      destinationEndpointId: destination,
    }: {
      readonly instance: string | null;
      readonly originEndpointId: string | null;
      readonly destinationEndpointId: string | null;
    },
  ): ReadonlyArray<{ readonly transfer: Transfer }> {
    return (this.byMachine.get(instance ?? '') ?? [])
      .filter(
        (one) =>
          one.origin_endpoint_id === origin &&
          one.destination_endpoint_id === destination &&
          parseWaveNote(one.notes)?.waveNote.wave !== wave,
      )
      .map((transfer) => ({ transfer }));
  }

  /** Names of all waves, the newest first. */
  waveNames(): readonly string[] {
    return [...this.byWave.keys()];
  }

  /** Transfers between two endpoints, newest first. */
  between(origin: string, destination: string): readonly Transfer[] {
    return this.matching(
      (one) => one.origin_endpoint_id === origin && one.destination_endpoint_id === destination,
    );
  }

  /** Transfers that a predicate accepts. */
  matching(is: (transfer: Transfer) => boolean): readonly Transfer[] {
    return [...this.ids.values()].filter(is);
  }

  byId(id: string): Transfer | undefined {
    return this.ids.get(id);
  }

  /**
   * Finds the existing transfer of a machine.
   * @param spellings identifiers and names by which a transfer may name the machine
   * @param chosen id of the transfer that the table names for the machine; undefined when it names none
   */
  findExisting(
    spellings: readonly string[],
    {
      origin,
      destination,
      wave,
    }: { readonly origin: string; readonly destination: string; readonly wave: string },
    chosen: string | undefined,
  ): ExistingTransferMatch {
    const named = new Set(spellings.flatMap((spelling) => this.byMachine.get(spelling) ?? []));
    const all = [...named].filter(
      (one) => one.origin_endpoint_id === origin && one.destination_endpoint_id === destination,
    );
    const own = chooseAmongDuplicates(all.flatMap((transfer) => ownTransfer(transfer, wave)));
    if (own !== undefined) return { kind: 'own', ...own };
    const others = all.filter((one) => parseWaveNote(one.notes) !== undefined);
    const [other] = others;
    if (other !== undefined && chosen === undefined) {
      const waveNote = parseWaveNote(other.notes)?.waveNote;
      return problem(`wave "${waveNote?.wave ?? ''}" moves it already, as transfer ${other.id}`);
    }
    const foreign = chosen === undefined ? all : all.filter(({ id }) => id === chosen);
    const [first] = foreign;
    if (first === undefined) {
      return chosen === undefined
        ? { kind: 'none' }
        : problem(`transfer ${chosen} does not move it between these endpoints`);
    }
    if (foreign.length > 1) {
      const ids = foreign.map(({ id }) => id).slice(0, 5);
      return problem(
        `${foreign.length} transfers move it: name the one to adopt in a column transfer_id (${ids.join(', ')})`,
      );
    }
    if (parseMigrationPlan(first.notes) !== undefined)
      return problem(`migration ${first.id} moves it already`);
    if (first.instances.length > 1) {
      return problem(`transfer ${first.id} moves it together with other machines`);
    }
    return { kind: 'adopted', transfer: first };
  }
}

function addTo<Item>(map: Map<string, Item[]>, key: string, item: Item): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [item]);
  else list.push(item);
}

const problem = (message: string): ExistingTransferMatch => ({ kind: 'problem', message });

const ownTransfer = (transfer: Transfer, wave: string): readonly WaveTransfer[] => {
  const waveNote = parseWaveNote(transfer.notes)?.waveNote;
  return waveNote?.wave === wave && transfer.instances.length === 1 ? [{ transfer, waveNote }] : [];
};

/**
 * Chooses the valid transfer when several callers created one for the same machine at the same moment. A transfer that
 * was executed comes first, then the older one, then the one with the lower id. So all callers choose the same one.
 */
export const chooseAmongDuplicates = <Of extends { readonly transfer: Transfer }>(
  all: readonly Of[],
): Of | undefined => [...all].sort((one, other) => inOrder(one.transfer, other.transfer))[0];

const inOrder = (one: Transfer, other: Transfer): number =>
  Number(wasNeverExecuted(one)) - Number(wasNeverExecuted(other)) ||
  (one.created_at < other.created_at ? -1 : one.created_at > other.created_at ? 1 : 0) ||
  (one.id < other.id ? -1 : 1);

/** Whether a transfer was never executed. */
export const wasNeverExecuted = ({ last_execution_status: status, updated_at: changed }: Transfer): boolean =>
  status === 'UNEXECUTED' && changed === null;

/** Reads all transfers of the project into an index. */
export async function fetchTransferIndex(coriolis: Coriolis): Promise<TransferIndex> {
  const known = new TransferIndex();
  for (const transfer of (await fetchAllPagesWithTime(coriolis, 'transfer')).rows) known.add(transfer);
  return known;
}
