import { NO_PROGRESS } from '../../model/progress';
import type { Coriolis } from '../../api/coriolis';

/** Reports the progress of work that is no single execution or deployment. */
export function progressNote({ report }: Coriolis, message: string, percent: number | null = null): void {
  report?.({ message, progress: { ...NO_PROGRESS, percent } });
}
