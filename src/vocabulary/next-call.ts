import type { JsonObject } from '../model/json';

/** A useful call after a result. */
export interface NextCall {
  /** Operation id, such as `execution.diagnose`. */
  readonly operation: string;
  readonly input: JsonObject;
}
