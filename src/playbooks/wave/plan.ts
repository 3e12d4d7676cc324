import type { Coriolis } from '../../api/operation-context';
import type { TableFormat } from '../../model/table/table-formats';
import type { LeftOutRow, MachineTable } from '../../model/table/machine-table';
import type { PreflightCheck } from '../preflight/preflight-check';
import { makeRowFromTableAndNote, findRowsWithTransfers } from './rows-with-transfers';
import { requireValidWaveName, readWaveTable, readWaveRow, type WaveRow, type WaveInput } from './wave-input';
import { fetchTransferIndex, type TransferIndex, type WaveTransfer } from './transfer-index';
import { hashPlan } from './plan-hash';
import type { PlannedRow } from './planned-row';
import { RowPlanner } from './row-planner';

/** Plan of one wave, or of several waves in one table. */
export interface WavePlan {
  /** Hash that is approved (see `hashPlan`). */
  readonly hash: string;
  readonly format: TableFormat;
  readonly unknownColumns: readonly string[];
  readonly leftOut: readonly LeftOutRow[];
  readonly rows: readonly PlannedRow[];
  readonly checks: readonly PreflightCheck[];
  /** Transfers of the project, as read for the plan. */
  readonly transfers: TransferIndex;
}

interface PlanOptions {
  /**
   * Hash of the approved plan that is being run. Machines whose transfers were created under this plan are not looked
   * up again. Undefined when a plan is made for approval.
   */
  readonly approved?: string;
}

/**
 * Plans a wave. Only reads: the list of source machines, the details of each machine of the table (one request each),
 * the transfers, and the networks and storage of the destination.
 *
 * @throws {InvalidInputError} the table names no machines, or endpoints are missing or unknown
 */
export async function planWave(
  coriolis: Coriolis,
  input: WaveInput,
  { approved }: PlanOptions = {},
): Promise<WavePlan> {
  requireValidWaveName(input.wave);
  const table = readWaveTable(input);
  const waveRows = table.rows.map((row) => readWaveRow(row, input));
  const transfers = await fetchTransferIndex(coriolis);
  const begun =
    approved === undefined
      ? new Map<WaveRow, WaveTransfer>()
      : findRowsWithTransfers(waveRows, transfers, approved);
  const resolver = new RowPlanner(coriolis, input, transfers, begun.size > 0);
  const rest = waveRows.filter((row) => !begun.has(row));
  const planned = rest.length === 0 ? new Map<WaveRow, PlannedRow>() : await resolver.plan(rest);
  const rows = markDuplicateRows(
    waveRows.flatMap((row) => {
      const own = begun.get(row);
      return own === undefined ? (planned.get(row) ?? []) : makeRowFromTableAndNote(row, own, input);
    }),
  );
  return {
    hash: hashPlan(rows.map(({ hash }) => hash)),
    ...tableFacts(table),
    rows,
    checks: resolver.checks,
    transfers,
  };
}

const tableFacts = ({ format, unknownColumns, leftOut }: MachineTable) => ({
  format,
  unknownColumns,
  leftOut,
});

/** Adds a problem to rows that name the same machine as another row. */
function markDuplicateRows(rows: readonly PlannedRow[]): readonly PlannedRow[] {
  const lines = new Map<string, number[]>();
  const key = (row: PlannedRow): string => `${row.originEndpointId ?? ''} ${row.instance ?? ''}`;
  for (const row of rows) {
    if (row.instance !== null) lines.set(key(row), [...(lines.get(key(row)) ?? []), row.line]);
  }
  return rows.map((row) => {
    const same = row.instance === null ? [] : (lines.get(key(row)) ?? []);
    return same.length < 2
      ? row
      : {
          ...row,
          problem: `rows ${same.join(', ')} of the table mean the same machine, ${row.instance ?? ''}`,
          newTransferInput: undefined,
        };
  });
}
