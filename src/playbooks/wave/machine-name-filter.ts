import { InvalidInputError } from '../../api/errors';
import type { WavePlan } from './plan';
import type { PlannedRow } from './planned-row';

/**
 * Checks the names of machines and waves to which a call of `wave.run` is limited.
 * @throws {InvalidInputError} a name that the table does not have
 */
export function requireKnownMachineNames(plan: WavePlan, only: readonly string[] | undefined): void {
  const unknown = only?.filter((name) => !plan.rows.some((row) => isNameOfRow(row, name))) ?? [];
  if (unknown.length > 0) {
    throw new InvalidInputError(
      `Only names machines or waves that the table does not have: ${unknown.join(', ')}.`,
      {
        field: 'only',
        advice: 'Give names of machines or waves as the table has them.',
      },
    );
  }
}

/** Whether a name is that of the row's machine in the table, of its wave, or of the machine on the source. */
export const isNameOfRow = (row: PlannedRow, name: string): boolean =>
  row.name === name || row.wave === name || row.instance === name;
