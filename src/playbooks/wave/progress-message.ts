import { NO_PROGRESS } from '../../model/run-progress';
import type { Coriolis } from '../../api/operation-context';

/** Reports the progress of work on many machines to the caller; does nothing when the caller wants no reports. */
export function reportProgressMessage(
  { reportProgress }: Coriolis,
  message: string,
  percent: number | null = null,
): void {
  reportProgress?.({ message, progress: { ...NO_PROGRESS, percent } });
}
