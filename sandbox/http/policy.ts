import { Refusal } from '../world/refusal';
import type { CoriolisContext } from './context';

const READING = /:(?:show|list|get|list_\w+|get_\w+|validate_connection|export_inventory)$/;

/**
 * Refuses callers who may not do that. The sandbox's policy is the one of the recordings: the role `reader` alone may only read.
 * @param action e.g. `transfers:create` (coriolis-api.md §3.4)
 */
export function requirePermission(context: CoriolisContext, action: string): void {
  const { roles } = context.get('caller');
  if (roles.some((role) => role !== 'reader') || READING.test(action)) return;
  throw new Refusal(
    'forbidden',
    `PolicyNotAuthorized: Policy doesn't allow migration:${action} to be performed.`,
  );
}
