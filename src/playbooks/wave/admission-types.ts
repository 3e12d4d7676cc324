import type { TimeWindow } from '../../model/time-window';
import type { MachinePosition, StepName } from './step';

/** Kind of reason why a machine does not start its next step. */
export type WaitKind =
  | 'parallelism'
  | 'endpoint'
  | 'window'
  | 'not_before'
  | 'order'
  | 'gate'
  | 'pool'
  | 'licence'
  | 'failure'
  | 'canceled'
  | 'stop_after'
  | 'refused'
  | 'blocked'
  | 'only'
  | 'server';

/** Reason why a machine does not start its next step. */
export interface MachineWait {
  readonly kind: WaitKind;
  readonly why: string;
}

/** Limits of a run: parallelism, window, failures. */
export interface WaveLimits {
  readonly maxParallel: number;
  /** Maximum running steps for each endpoint, including other work; undefined for no limit. */
  readonly maxParallelPerEndpoint: number | undefined;
  readonly window: TimeWindow | undefined;
  /** Number of failed machines after which no step starts; undefined for no limit. */
  readonly stopAfter: number | undefined;
}

/** A step that this call retries after a failure or cancellation. */
export interface StepRetry {
  readonly step: StepName;
  /**
   * End of the failed run by the server's clock, in milliseconds, when only calls with `retry_failed` that began later
   * retry it; undefined when all calls do.
   */
  readonly failedAt: number | undefined;
}

/** A machine with the facts that decide whether its next step may start. */
export interface AdmissionCandidate {
  readonly key: string;
  readonly name: string;
  readonly wave: string;
  readonly order: number;
  readonly line: number;
  readonly notBefore: string | null;
  readonly endpoints: readonly string[];
  readonly pools: readonly string[];
  readonly position: MachinePosition;
  /** Whether its transfer is so new that a duplicate of another caller may not be visible yet. */
  readonly isJustCreated: boolean;
  /** Reason why no step may start. */
  readonly held: MachineWait | undefined;
  readonly retry: StepRetry | undefined;
  /** Upper estimate in seconds of the step and the steps that must follow it; null while unknown. */
  readonly upperSeconds: number | null;
}

/** Facts outside the wave that decide which steps may start. */
export interface AdmissionContext {
  /** Number of running steps outside the wave, by the ids of endpoints and of minion pools. */
  readonly foreign: ReadonlyMap<string, number>;
  /** Usable machines by minion pool; 0 for unusable pools. */
  readonly pools: ReadonlyMap<string, number>;
  /** The server's time in milliseconds. */
  readonly now: number;
}
