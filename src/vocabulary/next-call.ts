import type { JsonObject } from '../model/json';

/** A useful call after a result. */
export interface NextCall {
  /** `resource.name`. */
  readonly operation: string;
  readonly input: JsonObject;
}
