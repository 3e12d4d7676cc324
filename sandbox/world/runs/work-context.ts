import type { Failure, Platform } from '../../platforms/platform';
import type { JsonObject } from '../../json';
import type { Action, Execution, InstanceInfo, Reached } from '../model';

/** Everything that the tasks of one execution work on. */
export interface WorkContext {
  readonly action: Action;
  readonly execution: Execution;
  /** Reads the connection data of one of the endpoints. */
  readonly reach: (side: 'source' | 'destination') => Reached;
  /** Why no worker may serve that side's endpoint now; `null`: one may. */
  readonly missingWorker: (side: 'source' | 'destination') => string | null;
  readonly source: Platform;
  readonly destination: Platform;
  readonly sourceEnvironment: JsonObject;
  readonly destinationEnvironment: JsonObject;
  readonly networkMap: JsonObject;
  /** What the tasks learn and make, by instance. */
  readonly info: Record<string, InstanceInfo>;
  /** The fields that a `transfer_update` is about to change. */
  readonly changes: JsonObject;
  /** What goes wrong this time, whatever the instance; absent: what always goes wrong with the instance. */
  readonly failure?: Failure;
}
