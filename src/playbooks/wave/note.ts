import type { Coriolis } from '../../api/coriolis';
import { NOTHING } from '../../waiting/wait-target';

/** Tells the caller how far work is that has no run to measure. */
export function progressNote({ report }: Coriolis, message: string, percent: number | null = null): void {
  report?.({ message, progress: { ...NOTHING, percent } });
}
