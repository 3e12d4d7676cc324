import type { Coriolis } from '../api/operation-context';
import { parseServerTime } from '../model/timestamps';

/**
 * Age in milliseconds from which an object has its final place among equal ones: lists then show all objects that sort
 * before it. The margin is needed because the server's times are whole seconds, rounded up or down, and the clocks of
 * its processes differ a little.
 */
export const SETTLED_AFTER_MS = 1_500;
/** Maximum pause until that age, for a server whose times cannot be compared with its clock. */
const MAX_PAUSE_MS = 3_000;

/**
 * Estimates the server's time at which a read began that has just ended. An answer may have taken long to arrive, so
 * the present time would be too late.
 * @param begun beginning of the read, on the local clock
 */
export const estimateServerTimeOfRead = ({ client, clock }: Coriolis, begun: number): number =>
  client.serverTime - (clock() - begun);

/**
 * Waits until an object has its final place among equal ones. Returns false when no wait was necessary.
 * @param createdAt `created_at` of the object
 * @param now server's time at which the object was read, in milliseconds since 1970
 */
export async function pauseUntilSettled(
  { sleep, signal }: Coriolis,
  createdAt: string | undefined,
  now: number,
): Promise<boolean> {
  const created = parseServerTime(createdAt);
  const leftMs = created === null ? MAX_PAUSE_MS : created + SETTLED_AFTER_MS - now;
  if (leftMs <= 0) return false;
  await sleep(Math.min(leftMs, MAX_PAUSE_MS), signal);
  return true;
}
