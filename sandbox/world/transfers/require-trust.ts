import { internalError } from '../api-error';
import type { Requester } from '../model';
import type { World } from '../world';

/**
 * Refuses callers for whom the server cannot create a Keystone trust. The server has stored the object by then, so it
 * stays as an orphan that never runs (docs/reference/coriolis-api.md §17, trap 32). Without {@link
 * Features.watcherQuirks} the sandbox deletes the object at once instead.
 * @throws ApiError 500
 */
export function requireTrust(world: World, requester: Requester, stored: { deletedAt: number | null }): void {
  if (requester.trusted) return;
  if (!world.features.watcherQuirks) stored.deletedAt = world.serverSeconds();
  throw internalError();
}
