import type { Coriolis } from '../../api/coriolis';
import { reference } from '../../vocabulary/field-constructors';
import { fetchDated, fetchPaged } from '../../requests/objects';
import { findDiskSizes } from '../../facts/run-disk-sizes';
import { view } from '../../vocabulary/result-keys';
import { legacyMigrationResult, migrationShape, type MigrationResult } from './result';
import type { Deployment } from '../../model/types';

/** Input field for a migration. */
export const migrationIdField = reference('migration', 'Migration', 'Id of the migration.');

/** Result view of a migration. */
export const migrationView = view<MigrationResult>()(migrationShape, ({ report }) => report);

/** Whether the server is a legacy one, which stores a migration as one object. */
export const isLegacyServer = async ({ client }: Coriolis): Promise<boolean> =>
  (await client.generation()) === 'legacy';

/** Reads a migration of a legacy server, where it is one object. */
export async function fetchLegacyMigration(coriolis: Coriolis, id: string): Promise<MigrationResult> {
  const { object, date } = await fetchDated(coriolis, 'deployment', [id]);
  return legacyMigrationResult(object, date, await findDiskSizes(coriolis, object));
}

/** Latest deployment of each live migration, by transfer. */
export async function fetchLatestDeployments(coriolis: Coriolis): Promise<ReadonlyMap<string, Deployment>> {
  const found = new Map<string, Deployment>();
  for await (const one of fetchPaged(coriolis, 'deployment', [])) {
    const { transfer_id: transfer, transfer_scenario_type: scenario } = one;
    // The list is newest first. Orphans of refused requests never start (docs/reference/coriolis-api.md, trap 32).
    if (transfer === null || found.has(transfer) || one.last_execution_status === 'UNEXECUTED') continue;
    if (scenario === undefined || scenario === 'live_migration') found.set(transfer, one);
  }
  return found;
}
