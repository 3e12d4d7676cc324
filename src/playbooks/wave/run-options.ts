import type { TimeWindow } from '../../model/time-window';
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
