import type { Task } from './types';

/**
 * Megabytes in a progress message: `Replicating changed data for disk "…" (device "…", written chunks: 512.25 MB)`
 * (coriolis/providers/replicator.py).
 */
const WRITTEN = /\bwritten chunks: (\d{1,12}(?:\.\d{1,4})?) MB\b/i;

/**
 * Sum of megabytes (1,048,576 bytes) that a run has written so far; null when no message has the amount: steps count
 * percent or chunks, not bytes, so only providers that report the amount can be summed up.
 */
export function transferredMegabytes(tasks: readonly Task[]): number | null {
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
