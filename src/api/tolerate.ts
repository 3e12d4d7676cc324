import { isCoriolisError } from './errors';
import type { CoriolisError } from './errors';

/** The promise's value, or `instead` when it fails with an error of one of these kinds; other errors pass. */
export function tolerate<Value, Instead>(
  promise: Promise<Value>,
  kinds: ReadonlyArray<CoriolisError['kind']>,
  instead: Instead,
): Promise<Value | Instead> {
  return promise.catch((error: unknown) => {
    if (isCoriolisError(error) && kinds.includes(error.kind)) return instead;
    throw error;
  });
}
