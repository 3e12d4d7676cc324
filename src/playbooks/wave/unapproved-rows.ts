import { ConflictError, InvalidInputError } from '../../api/errors';
import { shortenHash } from '../../model/wave-note';
import type { MachineWait } from './admission-types';
import { hashPlan } from './plan-hash';
import { describeDifferences, describeRowChange } from './row-change';
import type { WavePlan } from './plan';
import type { PlannedRow } from './planned-row';

/**
 * Reads the hash of a plan as a person passes it on: blanks around it and capital letters do not count.
 * @throws {InvalidInputError} it is not a whole hash
 */
export function readPlanHash(given: string): string {
  const hash = given.trim().toLowerCase();
  if (/^[0-9a-f]{64}$/.test(hash)) return hash;
  throw new InvalidInputError('The plan hash is not the whole hash of a plan.', {
    field: 'planHash',
    advice: 'Give all 64 digits of plan_hash; headlines and boards show only the first ones.',
  });
}

/**
 * Finds the rows of a plan that are not as approved. When the hash of the plan differs from the approved one, a row is
 * still accepted if it is proven unchanged: by row hashes that combine to the approved hash, or by the notes of its
 * transfer.
 *
 * @param given row hashes of the approved plan, by machine name
 * @returns reason for each refused row; approved rows are left out
 * @throws {ConflictError} no row can be proven to be approved
 */
export function findUnapprovedRows(
  plan: WavePlan,
  approved: string,
  given: Readonly<Record<string, string>> | undefined,
): ReadonlyMap<PlannedRow, MachineWait> {
  const refused = new Map<PlannedRow, MachineWait>();
  // Plans of release 0.1.0 have no disks.
  const isWhole =
    plan.hash === approved || hashPlan(plan.rows.map(({ settingsHash }) => settingsHash)) === approved;
  const hashes = plan.rows.map((row) => given?.[row.name] ?? row.approvedHash);
  const isProven = !isWhole && hashes.every((hash) => hash !== null) && hashPlan(hashes) === approved;
  for (const [index, row] of plan.rows.entries()) {
    const why = isWhole
      ? undefined
      : isProven
        ? isHashOf(row, hashes[index])
          ? undefined
          : describeRowChange(row, hashes[index])
        : isApprovedByNote(row, approved)
          ? undefined
          : 'it cannot be shown to be as approved: give the hashes of the rows in the approved plan';
    const other = why ?? findSettingsMismatch(row);
    if (other !== undefined) refused.set(row, { kind: 'refused', why: other });
  }
  const isNothingLeft = !isWhole && refused.size === plan.rows.length;
  if (!isNothingLeft) return refused;
  throw new ConflictError(
    `The wave is not as approved: its plan has the hash ${shortenHash(plan.hash)}…, not ${shortenHash(approved)}….`,
    {
      advice:
        'Nothing was started. Plan it again and have that approved; or give the same table with the row hashes of the approved plan, so that the rows that have not changed can go on.',
    },
  );
}

/** Whether a hash of the approved plan is that of a row; plans of release 0.1.0 have the hash of the settings alone. */
const isHashOf = ({ hash, settingsHash }: PlannedRow, approved: string | null | undefined): boolean =>
  approved === hash || approved === settingsHash;

const isApprovedByNote = ({ existingTransfer, settingsHash }: PlannedRow, approved: string): boolean =>
  existingTransfer.kind === 'own' &&
  existingTransfer.waveNote.shortPlanHash === shortenHash(approved) &&
  existingTransfer.waveNote.settingsHash === settingsHash;

/** Reason to refuse a row whose transfer has other settings than its table; undefined when they are the same. */
function findSettingsMismatch(row: PlannedRow): string | undefined {
  const { existingTransfer, settingsHash, changedSettings } = row;
  if (existingTransfer.kind !== 'own') return undefined;
  const why = `transfer ${existingTransfer.transfer.id} was created for it with other settings`;
  if (existingTransfer.waveNote.settingsHash !== settingsHash) return why;
  return changedSettings.length === 0 ? undefined : `${why}: ${describeDifferences(changedSettings)}`;
}
