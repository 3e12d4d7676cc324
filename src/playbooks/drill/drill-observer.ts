import { InvalidInputError } from '../../api/errors';
import type { Coriolis } from '../../api/operation-context';
import { parseServerTime } from '../../model/timestamps';
import type { Transfer } from '../../model/api-objects';
import type { TransferIndex } from '../wave/transfer-index';
import { WaveObserver } from '../wave/wave-observer';
import { makeDrillGroupFilter, type DrillGroupConditions } from './drill-group';
import { computeRehearsal, type Rehearsal } from './rehearsal';

/** State of all transfers of a drill at one moment. */
export interface DrillSnapshot {
  readonly rehearsals: readonly Rehearsal[];
  /** Start of the drill, milliseconds since 1970. */
  readonly since: number;
  /** Server's time of the reading, milliseconds since 1970. */
  readonly now: number;
}

/** Reads the transfers of a drill with their executions and deployments. */
export class DrillObserver {
  private readonly observer: WaveObserver;
  /** Start of the drill, kept from the first read, when the input gives none. */
  private begunAt: number | undefined;

  constructor(
    coriolis: Coriolis,
    private readonly input: DrillGroupConditions & { readonly since: string | undefined },
  ) {
    this.observer = new WaveObserver(coriolis, { usesPools: false, everyProgress: false });
  }

  /**
   * Reads all transfers of the group.
   *
   * @throws {InvalidInputError} the group is empty, or the start is no valid time
   */
  async fetchSnapshot(): Promise<DrillSnapshot> {
    const { search, since: given } = this.input;
    const { transfers, runs, now } = await this.observer.fetchSnapshot((all) =>
      this.group(all).map((transfer) => ({ transfer, isAdopted: true })),
    );
    const group = this.group(transfers);
    if (group.length === 0) {
      const word = search === undefined ? '' : `: none has "${search}" in its notes or machines`;
      throw new InvalidInputError(`No transfer belongs to the group of the drill${word}.`, {
        field: 'search',
        advice: 'Look at the notes, machines and endpoints in the list of transfers.',
      });
    }
    this.begunAt ??= startOf(given) ?? now;
    const since = this.begunAt;
    const rehearsals = group.map((transfer) =>
      computeRehearsal(transfer, runs.get(transfer.id) ?? { executions: [], deployments: [] }, since, now),
    );
    return { rehearsals, since, now };
  }

  /** Reads one transfer again just before its deployment, because another caller may have deployed it meanwhile. */
  async fetchRehearsal(transfer: Transfer, { since, now }: DrillSnapshot): Promise<Rehearsal> {
    return computeRehearsal(
      transfer,
      await this.observer.fetchTransferRuns({ transfer, isAdopted: true }, now),
      since,
      now,
    );
  }

  private group(transfers: TransferIndex): readonly Transfer[] {
    return transfers.matching(makeDrillGroupFilter(this.input));
  }
}

function startOf(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const at = parseServerTime(given);
  if (at !== null) return at;
  throw new InvalidInputError('Since is not a time.', {
    field: 'since',
    advice: 'Give the "since" of the drill to continue, such as 2026-12-05T21:00:00Z.',
  });
}
