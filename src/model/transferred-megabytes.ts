import type { Task } from './api-objects';

/**
 * Pattern for the megabytes in a progress message: `Replicating changed data for disk "…" (device "…", written chunks:
 * 512.25 MB)` (coriolis/providers/replicator.py).
 */
const WRITTEN = /\bwritten chunks: (\d{1,12}(?:\.\d{1,4})?) MB\b/i;

/**
 * Megabytes (1,048,576 bytes) that an execution or deployment has written so far. Null when no message names an amount:
 * steps count percent or chunks, not bytes, so this works only with providers that write the amount.
 */
export function countTransferredMegabytes(tasks: readonly Task[]): number | null {
  const amounts = tasks.flatMap(({ progress_updates: updates }) =>
    updates.flatMap(({ message, current_step: step, total_steps: steps }) => {
      const amount = WRITTEN.exec(message)?.[1];
      if (amount === undefined || steps <= 0) return [];
      return [(Number(amount) * Math.min(step, steps)) / steps];
    }),
  );
  return amounts.length === 0
    ? null
    : Math.round(amounts.reduce((sum, amount) => sum + amount, 0) * 100) / 100;
}
