import { path } from '../../api/path';
import type { Coriolis } from '../../api/coriolis';
import { reference } from '../../vocabulary/fields';
import type { Deployment } from '../../model/types';
import { view } from '../../vocabulary/shape';
import { legacyReport, migrationShape, type ShownMigration } from './report';

export const migrationId = reference('migration', 'Migration', 'Id of the migration.');

export const migrationView = view<ShownMigration>()(migrationShape, ({ report }) => report);

/** Whether the server is a legacy one, which has migrations as objects. */
export const isLegacy = async ({ client }: Coriolis): Promise<boolean> =>
  (await client.generation()) === 'legacy';

/** Fetches a migration of a legacy server. */
export async function fetchLegacy({ client }: Coriolis, id: string): Promise<ShownMigration> {
  const { body, date } = await client.getWithDate<{ deployment: Deployment }>(path`/deployments/${id}`);
  return legacyReport(body.deployment, date);
}
