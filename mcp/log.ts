import { maskSecrets, stripControls } from '../src/model/untrusted';

/** How much is told, from little to much. */
export const logLevels = ['silent', 'error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface Log {
  error(message: string, facts?: Facts): void;
  warn(message: string, facts?: Facts): void;
  info(message: string, facts?: Facts): void;
  debug(message: string, facts?: Facts): void;
}

type Facts = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * A log of JSON lines on stderr; stdout belongs to the protocol. Arguments and results of calls are never logged, and
 * what looks like a secret is masked.
 */
export function createLog(level: LogLevel, write: (line: string) => void = toStderr): Log {
  const most = logLevels.indexOf(level);
  const at =
    (severity: Exclude<LogLevel, 'silent'>) =>
    (message: string, facts: Facts = {}): void => {
      if (logLevels.indexOf(severity) > most) return;
      write(JSON.stringify({ time: new Date().toISOString(), level: severity, message, ...facts }, clean));
    };
  return { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') };
}

const clean = (_key: string, value: unknown): unknown =>
  typeof value === 'string' ? stripControls(maskSecrets(value)) : value;

function toStderr(line: string): void {
  process.stderr.write(`${line}\n`);
}
