import type { TimeWindow } from '../../model/time-window';
import type { MachinePosition, WaveStepName } from './machine-position';

/** Kind of reason why a machine of a wave does not start its next step. */
export type MachineWaitKind =
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
  readonly kind: MachineWaitKind;
  /** The reason in words. */
  readonly why: string;
}

/** Limits that the caller of a wave sets: parallelism, time window, number of failures. */
export interface WaveLimits {
  /** Maximum number of running steps of the wave. */
  readonly maxParallel: number;
  /** Maximum number of runs at each endpoint, including those outside the wave; undefined for no limit. */
  readonly maxParallelPerEndpoint: number | undefined;
  /** Times at which steps may start; undefined for any time. */
  readonly window: TimeWindow | undefined;
  /** Number of failed machines after which no step starts; undefined for no limit. */
  readonly stopAfter: number | undefined;
}

/** A step that this call retries after a failure or cancellation. */
export interface StepRetry {
  readonly step: WaveStepName;
  /**
   * End of the failed run, milliseconds since 1970 on the server's clock, when only calls with `retry_failed` that
   * began after it retry the step. Undefined when every call retries the step.
   */
  readonly failedAt: number | undefined;
}

/** A machine with the facts that decide whether its next step may start. */
export interface AdmissionCandidate {
  /** Key of the machine (see `machineKey`). */
  readonly key: string;
  readonly name: string;
  readonly wave: string;
  /** Position within the wave that the table gives: machines with a higher one wait. */
  readonly order: number;
  /** Number of the row in the table. */
  readonly line: number;
  /** Time before which nothing may start, milliseconds since 1970; null for none. */
  readonly notBefore: number | null;
  /** Ids of both endpoints. */
  readonly endpoints: readonly string[];
  /** Ids of the minion pools that the step uses. */
  readonly pools: readonly string[];
  readonly position: MachinePosition;
  /** Whether the machine's transfer is so new that lists may not show yet the duplicate of another caller. */
  readonly isJustCreated: boolean;
  /** Reason why no step of the machine may start, whatever the limits; undefined for none. */
  readonly holdReason: MachineWait | undefined;
  /** Step that this call repeats; undefined for none. */
  readonly retry: StepRetry | undefined;
  /** Upper estimate in seconds for the step and the steps that must follow at once; null while unknown. */
  readonly upperSeconds: number | null;
  /** Part of `upperSeconds` that is assumed, because it was not measured yet. */
  readonly assumedSeconds: number;
}

/** Facts outside the wave that decide which steps may start. */
export interface AdmissionContext {
  /** Number of running steps outside the wave, by the ids of endpoints and of minion pools. */
  readonly foreignRuns: ReadonlyMap<string, number>;
  /** Number of usable machines by id of the minion pool; 0 for pools that cannot be used. */
  readonly pools: ReadonlyMap<string, number>;
  /** Reasons why pools have no usable machine, by id of the pool; absent where nobody reads them. */
  readonly poolReasons?: ReadonlyMap<string, string>;
  /** Names of endpoints by id, for the reasons; absent where no limit of an endpoint holds. */
  readonly endpointNames?: ReadonlyMap<string, string>;
  /** Seconds of earlier deployments between the endpoints of the wave; absent where none were read. */
  readonly earlierDeploySeconds?: readonly number[];
  /** The server's time, milliseconds since 1970. */
  readonly now: number;
}
