import type { Coriolis } from '../../api/operation-context';
import { reference } from '../../vocabulary/field-constructors';
import { fetchOneWithTime } from '../../requests/object-requests';
import { fetchDiskSizes } from '../../facts/run-disk-sizes';
import type { WaitOutcome } from '../../waiting/wait-target';
import { view } from '../../vocabulary/result-keys';
import {
  fetchTransferMigrationResult,
  makeLegacyMigrationResult,
  migrationKeys,
  type MigrationResult,
} from './migration-result';

/** Input field for a migration. */
export const migrationIdField = reference('migration', 'Migration', 'Id of the migration.');

/** Result view of a migration. */
export const migrationView = view<MigrationResult>()(migrationKeys, ({ report }) => report);

/** Whether the server is a legacy server, where a migration is a single object. */
export const isLegacyServer = async ({ client }: Coriolis): Promise<boolean> =>
  (await client.detectGeneration()) === 'legacy';

/** Reads a migration of a legacy server. */
export async function fetchLegacyMigration(
  coriolis: Coriolis,
  id: string,
  ended?: WaitOutcome,
): Promise<MigrationResult> {
  const { object, date } = await fetchOneWithTime(coriolis, 'deployment', [id]);
  return makeLegacyMigrationResult(object, date, await fetchDiskSizes(coriolis, object), ended);
}

/**
 * Reads a migration of a server of either generation, with its progress.
 *
 * @param ended outcome of a wait, shown instead of the outcome of the migration
 */
export const fetchMigration = async (
  coriolis: Coriolis,
  id: string,
  ended?: WaitOutcome,
): Promise<MigrationResult> =>
  (await isLegacyServer(coriolis))
    ? await fetchLegacyMigration(coriolis, id, ended)
    : await fetchTransferMigrationResult(coriolis, id, ended);
