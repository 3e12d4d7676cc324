import { NO_PROGRESS } from '../../model/progress';
import type { Coriolis } from '../../api/coriolis';

/** Reports a progress message of work on many machines. */
export function reportProgressMessage(
  { report }: Coriolis,
  message: string,
  percent: number | null = null,
): void {
  report?.({ message, progress: { ...NO_PROGRESS, percent } });
}
