import { LOGGER_BASE, LOG_STREAM_PATH } from '../logger/routes';

/** Under which prefixes an appliance serves what stands elsewhere on the sandbox's address (coriolis-api.md §1.1). */
const PREFIXES: readonly (readonly [string, string])[] = [
  ['/identity', '/v3'],
  ['/coriolis', '/v1'],
  ['/logs', `${LOGGER_BASE}/logs`],
  ['/log-stream', LOG_STREAM_PATH],
];

/** The path under which the sandbox's routes know what was asked for through an appliance; any other path stays as it is. */
export function behindAppliance(path: string): string {
  const prefix = PREFIXES.find(([outside]) => path === outside || path.startsWith(`${outside}/`));
  return prefix ? prefix[1] + path.slice(prefix[0].length) : path;
}
