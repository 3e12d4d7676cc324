import { requesterOf } from '../http/request-context';
import type { CoriolisContext } from '../http/request-context';
import { readConnection } from '../world/endpoints/read-connection';
import { platformResponseSeconds } from '../world/endpoints/endpoints';
import type { Endpoint } from '../world/model';
import { internalError } from '../world/refusal';
import { requirePlatformWithWorker } from '../world/installation/workers';
import type { World } from '../world/world';
import type { ThrowAfterDelay } from '../http/throw-after-delay';

/** Connects to the platform of an endpoint for the caller, for an operation that needs a capability. */
export type ConnectToPlatform = (
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
export function makeConnectToPlatform(world: World, wait: ThrowAfterDelay): ConnectToPlatform {
  return async (context, endpoint, type) => {
    requirePlatformWithWorker(world, endpoint, type);
    const reached = readConnection(world, endpoint, requesterOf(context));
    if ('problem' in reached) {
      await wait(reached.seconds, internalError());
      throw internalError();
    }
    await wait(platformResponseSeconds(reached.endpoint), internalError());
    return reached.endpoint;
  };
}
