import { quoteText } from '../../src/model/untrusted-text';

/** Log levels, from the least to the most output. */
export const logLevels = ['silent', 'error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Log formats: for programs, or for people. */
export const logFormats = ['json', 'text'] as const;
export type LogFormat = (typeof logFormats)[number];

export interface Log {
  error(message: string, facts?: Facts): void;
  warn(message: string, facts?: Facts): void;
  info(message: string, facts?: Facts): void;
  debug(message: string, facts?: Facts): void;
}

type Facts = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * Creates a log on stderr, because stdout carries the protocol. Secrets are masked. Callers must not pass arguments or
 * results of tool calls.
 */
export function createLog(level: LogLevel, format: LogFormat, write: (line: string) => void = toStderr): Log {
  const threshold = logLevels.indexOf(level);
  const at =
    (severity: Exclude<LogLevel, 'silent'>) =>
    (message: string, facts: Facts = {}): void => {
      if (logLevels.indexOf(severity) > threshold) return;
      write(render[format](new Date().toISOString(), severity, message, facts));
    };
  return { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') };
}

type Render = (time: string, level: string, message: string, facts: Facts) => string;

const render: Readonly<Record<LogFormat, Render>> = {
  json: (time, level, message, facts) => JSON.stringify({ time, level, message, ...facts }, clean),
  text: (time, level, message, facts) =>
    [
      time,
      level.toUpperCase(),
      clean('', message),
      ...Object.entries(facts)
        .filter(([, value]) => value !== undefined)
        .map(([key, value]) => `${key}=${JSON.stringify(clean(key, value))}`),
    ].join(' '),
};

/** Maximum number of characters of a text, since clients choose what some errors quote. */
const MAX_TEXT_LENGTH = 2000;

const clean = (_key: string, value: unknown): unknown =>
  typeof value === 'string' ? quoteText(value, MAX_TEXT_LENGTH) : value;

function toStderr(line: string): void {
  process.stderr.write(`${line}\n`);
}
