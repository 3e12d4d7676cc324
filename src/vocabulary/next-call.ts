import type { JsonObject } from '../model/json';

/** Operation that is useful to call next, as a result suggests it. */
export interface NextCall {
  /** Operation id, such as `execution.diagnose`. */
  readonly operation: string;
  readonly input: JsonObject;
}
