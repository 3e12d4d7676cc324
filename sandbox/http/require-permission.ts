import { ApiError } from '../world/api-error';
import type { CoriolisContext } from './request-context';

const READ_ACTIONS = /:(?:show|list|get|list_\w+|get_\w+|validate_connection|export_inventory)$/;

/** Actions that only the role `admin` may take. */
const ADMIN_ACTIONS = ['services:delete'];

/**
 * Throws unless the caller may take the action. The rules are those of the recorded server: a caller whose only role is
 * `reader` may only read, and only the role `admin` may delete services.
 * @param action e.g. `transfers:create` (docs/reference/coriolis-api.md §3.4)
 */
export function requirePermission(context: CoriolisContext, action: string): void {
  const { roles } = context.get('caller');
  const needed = ADMIN_ACTIONS.includes(action) ? ['admin'] : roles.filter((role) => role !== 'reader');
  if (READ_ACTIONS.test(action) || roles.some((role) => needed.includes(role))) return;
  throw new ApiError(
    'forbidden',
    `PolicyNotAuthorized: Policy doesn't allow migration:${action} to be performed.`,
  );
}
