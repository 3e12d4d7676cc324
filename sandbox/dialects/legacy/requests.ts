import { isJsonObject, omitKeys } from '../../json-object';

/**
 * Fields that only the current generation has; legacy servers ignore them (docs/reference/coriolis-api.md §§5, 7.4).
 */
const CURRENT_ONLY_FIELDS = ['scenario', 'clone_disks', 'skip_os_morphing'];

/** Converts the body of a legacy request to the current generation, without ignored fields. */
export function toCurrentRequestBody(body: unknown): unknown {
  if (!isJsonObject(body)) return body;
  const { replica, migration, execution } = body;
  return {
    ...omitKeys(body, ['replica', 'migration', 'transfer', 'deployment', 'auto_deploy']),
    ...('replica' in body && { transfer: transferFields(replica) }),
    ...('migration' in body && { deployment: deploymentFields(migration) }),
    ...(isJsonObject(execution) && { execution: omitKeys(execution, ['auto_deploy']) }),
  };
}

function transferFields(replica: unknown): unknown {
  return isJsonObject(replica) ? omitKeys(replica, CURRENT_ONLY_FIELDS) : replica;
}

/**
 * Converts the fields of a migration. When it has a `replica_id`, the fields of a direct migration are ignored
 * (docs/reference/coriolis-api.md §10.4, form B).
 */
function deploymentFields(migration: unknown): unknown {
  if (!isJsonObject(migration)) return migration;
  if (!migration['replica_id']) return omitKeys(migration, ['transfer_id', 'scenario', 'clone_disks']);
  return { ...omitKeys(migration, ['replica_id']), transfer_id: migration['replica_id'] };
}
