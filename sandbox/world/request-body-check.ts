import { PythonError } from '../python/errors';
import { ApiError, badRequest, invalidInput } from './api-error';

/**
 * Runs the check of a request body. Every exception becomes a 400, as in the server's decorator
 * `format_keyerror_message`.
 * @param resource e.g. `transfer`, the key that wraps the body
 */
export function runRequestBodyCheck<T>(resource: string, method: 'creation' | 'update', check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (error instanceof ApiError) throw invalidInput(error.detail.replace(/^\w+_Remote: /, ''));
    if (!(error instanceof PythonError)) throw error;
    if (error.type !== 'KeyError') throw invalidInput(error.message);
    throw badRequest(
      error.message === resource
        ? `The ${resource} ${method} body needs to be encased inside the "${resource}" key`
        : `The ${resource} ${method} body lacks a required attribute: "${error.message}"`,
    );
  }
}
