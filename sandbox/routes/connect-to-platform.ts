import { requesterOf } from '../http/request-context';
import type { CoriolisContext } from '../http/request-context';
import { readConnection } from '../world/endpoints/read-connection';
import { computePlatformResponseSeconds } from '../world/endpoints/endpoints';
import type { Endpoint } from '../world/model';
import { internalError } from '../world/api-error';
import { requirePlatformWithWorker } from '../world/installation/workers';
import type { World } from '../world/world';
import type { DelayedThrower } from '../http/throw-after-delay';

/** Connects to the platform of an endpoint for the caller, for an operation that needs a capability. */
export type PlatformConnector = (
  context: CoriolisContext,
  endpoint: Endpoint,
  type: number,
) => Promise<Endpoint>;

/**
 * Makes the function that connects to the platform of an endpoint.
 * It reads the connection data, with the caller's rights when they are in Barbican, and returns the endpoint with that data.
 * It throws 503 when no worker may serve the endpoint, and the generic 500 when the data cannot be read or the platform does
 * not answer.
 */
export function makePlatformConnector(world: World, wait: DelayedThrower): PlatformConnector {
  return async (context, endpoint, type) => {
    requirePlatformWithWorker(world, endpoint, type);
    const reached = readConnection(world, endpoint, requesterOf(context));
    if ('problem' in reached) {
      await wait(reached.seconds, internalError());
      throw internalError();
    }
    await wait(computePlatformResponseSeconds(reached.endpoint), internalError());
    return reached.endpoint;
  };
}
