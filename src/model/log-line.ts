/** Severities of the log service, the gravest first; their numbers are their positions (coriolis-api.md §13). */
export const SEVERITIES = [
  'EMERGENCY',
  'ALERT',
  'CRITICAL',
  'ERROR',
  'WARNING',
  'NOTICE',
  'INFO',
  'DEBUG',
] as const;

export type Severity = (typeof SEVERITIES)[number];

/** Other words for the same; TRACE marks the lines of a traceback. */
const ALIASES: Readonly<Record<string, Severity>> = {
  EMERG: 'EMERGENCY',
  FATAL: 'CRITICAL',
  TRACE: 'ERROR',
  WARN: 'WARNING',
  AUDIT: 'INFO',
};

/** The level stands behind the time and the process id, before the message. */
const LEVEL = new RegExp(`^[-\\d:.,TZ+ ]{0,60}\\b(${[...SEVERITIES, ...Object.keys(ALIASES)].join('|')})\\b`);

/** The level word of a line; undefined for one that has none, such as those of a traceback. */
export function severityOf(line: string): Severity | undefined {
  const word = LEVEL.exec(line)?.[1];
  return word === undefined ? undefined : (ALIASES[word] ?? (word as Severity));
}

export interface LogLine {
  readonly line: string;
  /** That of the line itself or, for one without a level word, of the line that it continues; null before any. */
  readonly severity: Severity | null;
}

/** Reads a log line by line, each with its severity: the lines of a download carry no other (recordings/logger). */
export class LogReader {
  private severity: Severity | null = null;

  read(line: string): LogLine {
    this.severity = severityOf(line) ?? this.severity;
    return { line, severity: this.severity };
  }
}

/** Whether a line is at least as grave as `least`; one of unknown severity always is, rather than to be missed. */
export const isAsGrave = ({ severity }: LogLine, least: Severity): boolean =>
  severity === null || SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(least);

/** The lines of a text, one after the other, without copying them all at once. */
export function* linesOf(text: string): Iterable<string> {
  for (let at = 0; at < text.length;) {
    const end = text.indexOf('\n', at);
    yield text.slice(at, end < 0 ? text.length : end).replace(/\r$/, '');
    if (end < 0) return;
    at = end + 1;
  }
}
