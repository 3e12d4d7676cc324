import { maskMultilineSecrets } from './mask-secrets-in-text';

/**
 * Severities of the log service, most severe first. The log service numbers them by this order, from 0
 * (docs/reference/coriolis-api.md §13).
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

/** Other spellings of severities in log lines. TRACE marks the lines of a traceback. */
const ALIASES: Readonly<Record<string, Severity>> = {
  EMERG: 'EMERGENCY',
  FATAL: 'CRITICAL',
  TRACE: 'ERROR',
  WARN: 'WARNING',
  AUDIT: 'INFO',
};

/** Pattern for the level in a log line: it follows the time and the process id, and precedes the message. */
const LEVEL = new RegExp(`^[-\\d:.,TZ+ ]{0,60}\\b(${[...SEVERITIES, ...Object.keys(ALIASES)].join('|')})\\b`);

/** Severity in a log line; undefined when the line has none, as in a traceback. */
export function parseSeverity(line: string): Severity | undefined {
  const word = LEVEL.exec(line)?.[1];
  return word === undefined ? undefined : (ALIASES[word] ?? (word as Severity));
}

/** Line of a log, with its severity. */
export interface LogLine {
  readonly line: string;
  /** Severity of the line, or else of the line that it continues; null before the first line with a severity. */
  readonly severity: Severity | null;
}

/**
 * Adds a severity to each line of a downloaded log, in order. In a download the severity is only a word in the text
 * (recordings/logger), and some lines continue the one before.
 */
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
 * Yields the lines of a text one by one, without splitting the whole text. Private keys are masked before, because a
 * single line of a key cannot be recognised as secret.
 */
export function* splitMaskedLines(whole: string): Iterable<string> {
  const text = maskMultilineSecrets(whole);
  for (let at = 0; at < text.length;) {
    const end = text.indexOf('\n', at);
    yield text.slice(at, end < 0 ? text.length : end).replace(/\r$/, '');
    if (end < 0) return;
    at = end + 1;
  }
}
