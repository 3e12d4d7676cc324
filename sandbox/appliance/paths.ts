import { LOGGER_API_PATH, LOG_STREAM_PATH } from '../logger/routes';

/**
 * Path prefixes of an appliance, each with the sandbox's prefix for the same service (docs/reference/coriolis-api.md
 * §1.1).
 */
const PREFIXES: readonly (readonly [string, string])[] = [
  ['/identity', '/v3'],
  ['/coriolis', '/v1'],
  ['/logs', `${LOGGER_API_PATH}/logs`],
  ['/log-stream', LOG_STREAM_PATH],
];

/** Converts a path of an appliance to the sandbox's path. Other paths stay unchanged. */
export function toSandboxPath(path: string): string {
  const prefix = PREFIXES.find(([outside]) => path === outside || path.startsWith(`${outside}/`));
  return prefix ? prefix[1] + path.slice(prefix[0].length) : path;
}
