import type { JsonObject } from '../json-object';
import { pythonStr } from '../python/value-texts';

/**
 * Reason why the connection to a platform fails: no route, or rejected credentials. When `isShownToCaller` is true, the
 * server's answer contains the platform's own text.
 */
export interface ConnectionProblem {
  readonly message: string;
  readonly isShownToCaller: boolean;
}

/** Prefix of host names that cannot be reached. */
const UNREACHABLE = 'unreachable';
const BAD_CREDENTIALS = 'bad-creds';
/** Password that every platform rejects. */
const WRONG_PASSWORD = 'wrong';

/** Checks the connection data of an endpoint; `null` when they are accepted. The texts are recorded. */
export function findConnectionProblem(connectionInfo: JsonObject): ConnectionProblem | null {
  const host = pythonStr(connectionInfo['host'] ?? '');
  const user = pythonStr(connectionInfo['username'] ?? '');
  if (host.startsWith(BAD_CREDENTIALS) || connectionInfo['password'] === WRONG_PASSWORD) {
    return {
      message: `Invalid credentials: authentication failed for user '${user}' on host '${host}'`,
      isShownToCaller: true,
    };
  }
  if (host.startsWith(UNREACHABLE))
    return { message: '[Errno 113] No route to host', isShownToCaller: false };
  return null;
}
