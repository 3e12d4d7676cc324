import { NO_PROGRESS } from '../../model/progress';
import type { Coriolis } from '../../api/operation-context';

/** Reports the progress of work on many machines to the caller; does nothing when the caller wants no reports. */
export function reportProgressMessage(
  { report }: Coriolis,
  message: string,
  percent: number | null = null,
): void {
  report?.({ message, progress: { ...NO_PROGRESS, percent } });
}
