import { InvalidInputError } from '../../api/errors';
import { parseTimeWindow, type TimeWindow } from '../../model/time-window';
import type { WaveGoal } from './machine-position';

/** Options of a call of `wave.run`. Limits are explained in `WaveLimits`. */
export interface WaveRunOptions {
  /** Hash of the approved plan. */
  readonly planHash: string;
  /** Goal up to which machines are brought. */
  readonly until: WaveGoal;
  /** Names of the machines or waves to run; all when undefined. */
  readonly only: readonly string[] | undefined;
  /** Row hashes of the approved plan, by machine name. */
  readonly rowHashes: Readonly<Record<string, string>> | undefined;
  readonly maxParallel: number;
  readonly maxParallelPerEndpoint: number | undefined;
  readonly window: TimeWindow | undefined;
  readonly stopAfter: number | undefined;
  /** Number of repetitions of a step whose error is known to be temporary. */
  readonly retries: number;
  /** Whether steps that failed or were canceled before this call are tried once more. */
  readonly retryFailed: boolean;
  /** UTC hour of the first daily sync of protected replicas. */
  readonly scheduleHour: number;
  /** Minutes between the schedules of two replicas. */
  readonly scheduleStaggerMinutes: number;
  readonly timeoutSeconds: number;
}

/** Parses the input for a time window; undefined when there is none. */
export function parseWindowInput(given: string | undefined): TimeWindow | undefined {
  const window = given === undefined ? undefined : parseTimeWindow(given);
  if (given === undefined || window !== undefined) return window;
  throw new InvalidInputError(`"${given}" is not a valid window.`, {
    field: 'window',
    advice:
      'Write "22:00-06:00 Europe/Berlin", with days before it "Sat,Sun 08:00-20:00 UTC", or two ISO times with / between.',
  });
}
