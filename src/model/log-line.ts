import { maskBlocks } from './mask-text';

/**
 * Severities of the log service, most severe first. A severity's number is its index (docs/reference/coriolis-api.md
 * §13).
 */
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

/** Other spellings of severities; TRACE marks the lines of a traceback. */
const ALIASES: Readonly<Record<string, Severity>> = {
  EMERG: 'EMERGENCY',
  FATAL: 'CRITICAL',
  TRACE: 'ERROR',
  WARN: 'WARNING',
  AUDIT: 'INFO',
};

/** A log line's level: after the time and the process id, before the message. */
const LEVEL = new RegExp(`^[-\\d:.,TZ+ ]{0,60}\\b(${[...SEVERITIES, ...Object.keys(ALIASES)].join('|')})\\b`);

/** Severity of a log line; undefined without a level word, as in a traceback. */
export function parseSeverity(line: string): Severity | undefined {
  const word = LEVEL.exec(line)?.[1];
  return word === undefined ? undefined : (ALIASES[word] ?? (word as Severity));
}

export interface LogLine {
  readonly line: string;
  /** Severity of the line or, without a level word, of the line it continues; null before the first. */
  readonly severity: Severity | null;
}

/** Adds a severity to each line of a downloaded log, where it is only part of the text (recordings/logger). */
export class SeverityTracker {
  private severity: Severity | null = null;

  read(line: string): LogLine {
    this.severity = parseSeverity(line) ?? this.severity;
    return { line, severity: this.severity };
  }
}

/** Whether a line is at least as severe as `least`. Lines of unknown severity pass. */
export const isAtLeastAsSevere = ({ severity }: LogLine, least: Severity): boolean =>
  severity === null || SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(least);

/**
 * Yields the lines of a text one by one, without splitting the whole text. Private keys are masked first: a single line
 * of one cannot be recognised.
 */
export function* splitLines(whole: string): Iterable<string> {
  const text = maskBlocks(whole);
  for (let at = 0; at < text.length;) {
    const end = text.indexOf('\n', at);
    yield text.slice(at, end < 0 ? text.length : end).replace(/\r$/, '');
    if (end < 0) return;
    at = end + 1;
  }
}
