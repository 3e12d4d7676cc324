import type { LogLine } from '../world/stores/log-store';

/** Filter of a listener of the live stream. */
export interface LogFilter {
  /** Highest severity number that passes, from 0 (EMERGENCY) to 7 (DEBUG). */
  readonly severity: number;
  /** Name of the log; all when empty. */
  readonly appName: string;
}

const INFO = 6;
const DEBUG = 7;

/**
 * Reads the filter in the stream's URL. A severity that is no number selects EMERGENCY only; one out of range counts as
 * INFO (recorded).
 */
export function readFilterFromUrl(query: URLSearchParams): LogFilter {
  const text = query.get('severity');
  const appName = query.get('app_name') ?? '';
  if (!text) return { severity: INFO, appName };
  return { severity: /^[+-]?\d+$/.test(text) ? inRange(Number(text)) : 0, appName };
}

/**
 * Reads the filter in a message of the listener. Any JSON object replaces the earlier filter. Only two keys are read:
 * `appname` and, by a typing mistake of the server, `omitempty` for the severity (recorded).
 * @returns `null` when the message is not a filter: the server hangs up
 */
export function readFilterFromMessage(text: string): LogFilter | null {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof message !== 'object' || Array.isArray(message)) return null;
  // Go ignores the case of keys.
  const members = new Map(Object.entries(message ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
  const appName: unknown = members.get('appname') ?? '';
  const severity: unknown = members.get('omitempty') ?? INFO;
  if (typeof appName !== 'string' || typeof severity !== 'number') return null;
  return { severity: inRange(severity), appName };
}

export function matchesFilter({ severity, appName }: LogFilter, line: LogLine): boolean {
  return line.severity <= severity && (appName === '' || appName === line.appName);
}

function inRange(severity: number): number {
  return severity >= 0 && severity <= DEBUG ? severity : INFO;
}
