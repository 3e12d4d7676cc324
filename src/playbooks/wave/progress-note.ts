import type { Coriolis } from '../../api/coriolis';
import { NO_PROGRESS } from '../../waiting/wait-target';

/** Reports progress of work without a run. */
export function progressNote({ report }: Coriolis, message: string, percent: number | null = null): void {
  report?.({ message, progress: { ...NO_PROGRESS, percent } });
}
