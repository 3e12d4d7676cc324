import { InvalidInputError } from '../../api/errors';
import { parseTimeWindow, type TimeWindow } from '../../model/time-window';
import type { WaveGoal } from './step';

/** Options of a wave's run. */
export interface RunOptions {
  readonly planHash: string;
  readonly until: WaveGoal;
  /** Names of the machines or waves to run; all when undefined. */
  readonly only: readonly string[] | undefined;
  readonly rowHashes: Readonly<Record<string, string>> | undefined;
  readonly maxParallel: number;
  readonly maxParallelPerEndpoint: number | undefined;
  readonly window: TimeWindow | undefined;
  readonly stopAfter: number | undefined;
  readonly retries: number;
  readonly retryFailed: boolean;
  /** Hour of the first schedule of replicas, in UTC. */
  readonly scheduleHour: number;
  readonly scheduleStaggerMinutes: number;
  readonly timeoutSeconds: number;
}

/** Parses the input for a time window; undefined when there is none. */
export function parseWindowInput(given: string | undefined): TimeWindow | undefined {
  const window = given === undefined ? undefined : parseTimeWindow(given);
  if (given === undefined || window !== undefined) return window;
  throw new InvalidInputError(`"${given}" is no window.`, {
    field: 'window',
    advice:
      'Write "22:00-06:00 Europe/Berlin", with days before it "Sat,Sun 08:00-20:00 UTC", or two ISO times with / between.',
  });
}
