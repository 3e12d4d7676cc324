import type { InstanceFailure, Platform } from '../../platforms/platform';
import type { JsonObject } from '../../json-object';
import type { Action, Execution, InstanceInfo, ConnectionReadResult } from '../model';

/** Data that the tasks of one execution work with. */
export interface TaskContext {
  readonly action: Action;
  readonly execution: Execution;
  /** Reads the connection data of one of the endpoints. */
  readonly readConnectionOf: (side: 'source' | 'destination') => ConnectionReadResult;
  /** Whether some worker may serve the endpoint of a side. */
  readonly hasWorker: (side: 'source' | 'destination') => boolean;
  readonly source: Platform;
  readonly destination: Platform;
  readonly sourceEnvironment: JsonObject;
  readonly destinationEnvironment: JsonObject;
  readonly networkMap: JsonObject;
  /** Results of the tasks, by instance. */
  readonly info: Record<string, InstanceInfo>;
  /** Fields that a `transfer_update` changes. */
  readonly changes: JsonObject;
  /**
   * Failure planned for this execution, whatever the instance. When absent, an instance fails as its `behaviour` says.
   */
  readonly plannedFailure?: InstanceFailure;
}
