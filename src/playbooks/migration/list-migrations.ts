import type { Coriolis } from '../../api/operation-context';
import { combineMatchers, makeTextMatcher } from '../../fields/list-filters';
import { parseMigrationPlan } from '../../model/migration-plan';
import type { Deployment, Transfer } from '../../model/api-objects';
import { fetchMatchingRows } from '../../requests/fetch-lists';
import { fetchPaged } from '../../requests/object-requests';
import type { ListRange } from '../../vocabulary/list-range';
import { view, type OutputOf } from '../../vocabulary/result-keys';
import { makeLegacyMigrationRow, makeMigrationRow, migrationRowKeys } from './migration-result';
import { isLegacyServer } from './fetch-migration';

/** A row of the list, with the server's object from which the row was made. */
export interface ListedMigration {
  readonly row: OutputOf<typeof migrationRowKeys>;
  /** The transfer of the migration; on a legacy server the direct migration, which counts as a deployment. */
  readonly action: Transfer | Deployment;
}

/** Result view of a migration in a list. */
export const migrationRowView = view<ListedMigration>()(migrationRowKeys, ({ row }) => row);

/**
 * Lists the migrations of a server of either generation, newest first. Transfers without the plan of a migration, and
 * deployments of transfers, are left out.
 *
 * @param search text that notes, run key or machines contain; undefined for all migrations
 */
export async function* fetchMigrations(
  coriolis: Coriolis,
  search: string | undefined,
  window: ListRange,
): AsyncIterable<ListedMigration> {
  const contains = makeTextMatcher<Transfer | Deployment>(search, ({ notes, instances }) => [
    notes ?? '',
    ...instances,
  ]);
  if (await isLegacyServer(coriolis)) {
    const matches = combineMatchers<Deployment>((one) => one.transfer_id === null, contains);
    for await (const action of fetchMatchingRows(coriolis, 'deployment', [], { window, matches })) {
      yield { row: makeLegacyMigrationRow(action), action };
    }
    return;
  }
  let deployments: ReadonlyMap<string, Deployment> | undefined;
  const matches = combineMatchers<Transfer>((one) => parseMigrationPlan(one.notes) !== undefined, contains);
  for await (const action of fetchMatchingRows(coriolis, 'transfer', [], { window, matches })) {
    deployments ??= await fetchLatestDeployments(coriolis);
    yield { row: makeMigrationRow(action, deployments.get(action.id)), action };
  }
}

/** Reads the latest deployment of each live migration, by transfer id. */
async function fetchLatestDeployments(coriolis: Coriolis): Promise<ReadonlyMap<string, Deployment>> {
  const found = new Map<string, Deployment>();
  for await (const one of fetchPaged(coriolis, 'deployment', [])) {
    const { transfer_id: transfer, transfer_scenario_type: scenario } = one;
    // The list is newest first. UNEXECUTED deployments are left over from refused requests and never start
    // (docs/reference/coriolis-api.md §17, trap 32).
    if (transfer === null || found.has(transfer) || one.last_execution_status === 'UNEXECUTED') continue;
    if (scenario === undefined || scenario === 'live_migration') found.set(transfer, one);
  }
  return found;
}
