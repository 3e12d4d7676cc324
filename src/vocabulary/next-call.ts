import type { JsonObject } from '../model/json';

/** A call that makes sense after a result. */
export interface NextCall {
  /** `resource.name`. */
  readonly operation: string;
  readonly input: JsonObject;
}
