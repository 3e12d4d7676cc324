import { isCoriolisError, type CoriolisError } from './errors';

/** Awaits a promise, and returns `instead` when it fails with an error of the given kinds. Other errors are thrown. */
export function tolerateErrors<Value, Instead>(
  promise: Promise<Value>,
  kinds: ReadonlyArray<CoriolisError['kind']>,
  instead: Instead,
): Promise<Value | Instead> {
  return promise.catch((error: unknown) => {
    if (isCoriolisError(error) && kinds.includes(error.kind)) return instead;
    throw error;
  });
}
