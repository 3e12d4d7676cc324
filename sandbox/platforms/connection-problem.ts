import type { JsonObject } from '../json';
import { pythonText } from '../python/text';

/** Why a platform cannot be reached. `safe`: the provider's own text may be shown to the caller. */
export interface ConnectionProblem {
  readonly message: string;
  readonly safe: boolean;
}

/** How an endpoint is made to misbehave: by the beginning of its host name. */
const UNREACHABLE = 'unreachable';
const BAD_CREDENTIALS = 'bad-creds';
/** The password that no platform accepts. */
const WRONG_PASSWORD = 'wrong';

/** What the platform of an endpoint answers to its connection data; `null`: it lets us in. Texts: recorded traffic. */
export function connectionProblem(connectionInfo: JsonObject): ConnectionProblem | null {
  const host = pythonText(connectionInfo['host'] ?? '');
  const user = pythonText(connectionInfo['username'] ?? '');
  if (host.startsWith(BAD_CREDENTIALS) || connectionInfo['password'] === WRONG_PASSWORD) {
    return {
      message: `Invalid credentials: authentication failed for user '${user}' on host '${host}'`,
      safe: true,
    };
  }
  if (host.startsWith(UNREACHABLE)) return { message: '[Errno 113] No route to host', safe: false };
  return null;
}
