import type { Coriolis } from '../api/coriolis';
import { parseServerTime } from '../model/timestamps';

/**
 * Age from which an object has its final place among equal ones: all that sort before it can be seen. The server's
 * times are whole seconds, rounded up or down, and the clocks of its processes differ a little.
 */
export const SETTLED_AFTER_MS = 1_500;
/** Maximum pause until then, for a server whose times cannot be compared with its clock. */
const MAX_PAUSE_MS = 3_000;

/**
 * Server's time, at the latest, at the beginning of a read that has just ended: its answers may have been long on their way.
 * @param begun beginning of the read, on the local clock
 */
export const serverTimeOfRead = ({ client, clock }: Coriolis, begun: number): number =>
  client.now - (clock() - begun);

/**
 * Waits until an object has its final place among equal ones. Returns whether that took time.
 * @param createdAt its time on the server
 * @param now server's time at which it was seen, in milliseconds since 1970
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
