import { InvalidInputError, NotFoundError } from '../api/errors';
import { isWaitOver, pauseWait } from '../api/end-of-wait';
import { path } from '../api/request-path';
import { mapConcurrently } from '../api/map-concurrently';
import { parseMomentInput } from '../fields/moment-input';
import { key, view } from '../vocabulary/result-keys';
import type { Coriolis } from '../api/operation-context';
import {
  isAtLeastAsSevere,
  splitMaskedLines,
  SeverityTracker,
  type LogLine,
  type Severity,
} from '../model/log-line';

/** Maximum number of characters of a downloaded log, to limit memory. */
const MAX_LOG_LENGTH = 64 * 1024 * 1024;

/** Result view of a log in a list. */
export const logView = view<{ readonly name: string }>()({ name: key.text('Log name', { untrusted: true }) });

/**
 * A line of a log with its paging position: the requested period (`from` to `to`, unix seconds) and the number of the
 * line in that period.
 */
export interface NumberedLogLine extends LogLine {
  readonly number: number;
  readonly from: number;
  readonly to: number;
}

/** Result view of a line of a log. */
export const logLineView = view<NumberedLogLine>()({
  number: key.number('Line number in the period'),
  severity: key.text('Level of the line; a continued line has the level of its first line', {
    nullable: true,
  }),
  line: key.text('Text of the line', { untrusted: true }),
});

/** A line of a followed log, with the name of the log. */
export interface LogTailLine extends LogLine {
  readonly log: string;
}

/** New lines of followed logs. */
export interface LogTail {
  readonly lines: readonly LogTailLine[];
  /** Limit that ended the following: the number of lines or the seconds. */
  readonly endedBy: 'lines' | 'seconds';
}

/** Result view of the lines that were followed. */
export const logTailView = view<LogTail>()({
  lines: key.rows('New lines', {
    log: key.text('Log name', { untrusted: true }),
    severity: key.text('Level, such as ERROR', { nullable: true }),
    line: key.text('Text of the line', { untrusted: true }),
  }),
  ended_by: key.text('Limit that ended the watch: lines or seconds', ({ endedBy }: LogTail) => endedBy),
});

/** Paging position after a line: the `after` of a list that begins behind it. */
export const logLinePositionOf = ({ from, to, number: at }: NumberedLogLine): string => `${from}-${to}-${at}`;

const logger = ({ client }: Coriolis) => client.forService('coriolis-logger');

/** Lists the names of all logs in alphabetical order. `now` is the log service's time, milliseconds since 1970. */
export async function fetchLogNames(
  coriolis: Coriolis,
): Promise<{ readonly names: readonly string[]; readonly now: number }> {
  const { body, date } = await logger(coriolis).getWithDate<{ logs?: Array<{ log_name: string }> | null }>(
    '/logs',
    { signal: coriolis.signal },
  );
  return { names: (body.logs ?? []).map(({ log_name: name }) => name).sort(), now: date };
}

/**
 * Downloads the lines of a log from `from` to `to` (unix seconds; without `to` up to the present). The text is empty
 * for an unknown log. `now` is the log service's time, milliseconds since 1970.
 * @throws {InvalidInputError} the log is longer than `MAX_LOG_LENGTH` in that period
 */
async function downloadLog(
  coriolis: Coriolis,
  log: string,
  from: number,
  to?: number,
): Promise<{ readonly text: string; readonly now: number }> {
  const { body: text, date: now } = await logger(coriolis).getWithDate<string>(path`/logs/${log}`, {
    query: { start_date: from, end_date: to },
    accept: 'text/plain',
    mayTakeMinutes: true,
    signal: coriolis.signal,
  });
  if (text.length <= MAX_LOG_LENGTH) return { text, now };
  throw new InvalidInputError(
    `The log ${log} has ${Math.round(text.length / 1024 / 1024)} MiB in that period; at most ${MAX_LOG_LENGTH >> 20} are taken.`,
    { field: 'start', advice: 'Give a shorter period.' },
  );
}

/** Query of the lines of a log: start and end of the period as users write them, and a text that the lines contain. */
interface LogQuery {
  readonly start: string | undefined;
  readonly end: string | undefined;
  readonly search: string | undefined;
}

/**
 * Downloads the lines of a log, oldest first.
 *
 * @param after paging position of the line before the first; undefined to begin with the first
 * @throws {NotFoundError} there is no such log
 * @throws {InvalidInputError} a time is malformed, the period ends before it starts, or the log is too long
 */
export async function* downloadLogLines(
  coriolis: Coriolis,
  log: string,
  { start, end, search }: LogQuery,
  after: string | undefined,
): AsyncIterable<NumberedLogLine> {
  const { names, now } = await fetchLogNames(coriolis);
  const begun = after === undefined ? undefined : parsePosition(after);
  const from = begun?.from ?? parseMomentInput('start', start ?? '1h', now);
  // `now` comes from the `Date` header, in whole seconds. One is added so that the current second is included.
  const to =
    begun?.to ?? (end === undefined ? Math.floor(now / 1000) + 1 : parseMomentInput('end', end, now));
  if (from > to) {
    throw new InvalidInputError('The period ends before it starts.', {
      field: 'end',
      advice: 'Give an end after the start, or none for now.',
    });
  }
  const { text } = await downloadLog(coriolis, log, from, to);
  // The log service answers an unknown name with an empty log, as recorded traffic shows.
  if (text === '' && !names.includes(log)) throw unknownLog(log, names);
  const needle = search?.toLowerCase();
  const reader = new SeverityTracker();
  let at = 0;
  for (const written of splitMaskedLines(text)) {
    const line = reader.read(written);
    at += 1;
    if (begun !== undefined && at <= begun.number) continue;
    if (needle !== undefined && !written.toLowerCase().includes(needle)) continue;
    yield { ...line, number: at, from, to };
  }
}

function parsePosition(position: string): {
  readonly from: number;
  readonly to: number;
  readonly number: number;
} {
  const [, from, to, at] = /^(\d+)-(\d+)-(\d+)$/.exec(position) ?? [];
  if (from === undefined) {
    throw new InvalidInputError(`"${position}" is no position in a log.`, {
      advice: 'Pass on the position of the earlier page unchanged.',
    });
  }
  return { from: Number(from), to: Number(to), number: Number(at) };
}

const unknownLog = (log: string, names: readonly string[]): NotFoundError =>
  new NotFoundError(`There is no log "${log}".`, {
    advice: `There are ${names.length === 0 ? 'none yet' : names.slice(0, 20).join(', ')}.`,
  });

interface TailOptions {
  /** Minimum severity of returned lines. */
  readonly least: Severity;
  readonly seconds: number;
  /** Maximum number of lines. */
  readonly lines: number;
}

const POLL_MS = 2000;
/** Seconds by which two polls overlap, because lines arrive late and the service counts in whole seconds. */
const OVERLAP_SECONDS = 5;
/** Maximum number of logs that are polled at the same time. */
const CONCURRENCY = 4;

/**
 * Follows one log, or all logs, for a number of seconds or lines. Downloads are polled instead of using the service's
 * WebSocket, because n8n's HTTP helper cannot upgrade a connection, and a socket of our own would ignore the proxies
 * and certificates of n8n. The lines are the same. Downloaded lines lack the severity of WebSocket frames, so the level
 * word in the line is used.
 */
export async function tailLogs(
  coriolis: Coriolis,
  log: string | undefined,
  options: TailOptions,
): Promise<LogTail> {
  const { clock } = coriolis;
  const { names, now } = await fetchLogNames(coriolis);
  if (log !== undefined && !names.includes(log)) throw unknownLog(log, names);
  const deadline = clock() + options.seconds * 1000;
  const begin = Math.floor(now / 1000);
  const followed = (log === undefined ? names : [log]).map((name) => new LogFollower(name, begin));
  const found: LogTailLine[] = [];
  for (;;) {
    const left = deadline - clock();
    await pauseWait(coriolis, Math.min(POLL_MS, Math.max(0, left)));
    const lastLook = isWaitOver(coriolis, deadline);
    const fresh = await mapConcurrently(followed, CONCURRENCY, (one) => one.poll(coriolis));
    found.push(...fresh.flat().filter((line) => isAtLeastAsSevere(line, options.least)));
    if (found.length >= options.lines) return { lines: found.slice(0, options.lines), endedBy: 'lines' };
    if (lastLook) return { lines: found, endedBy: 'seconds' };
  }
}

/** A followed log. It remembers the start of the next poll and the lines already returned. */
class LogFollower {
  private readonly reader = new SeverityTracker();
  /**
   * Texts of lines already returned. Each has the times at which its occurrences were first seen, in unix seconds of
   * the service. Times before the start of the next poll are dropped, since that poll cannot return such lines. Equal
   * lines without a timestamp that arrive between two polls may count as one.
   */
  private readonly seen = new Map<string, number[]>();

  constructor(
    private readonly log: string,
    private from: number,
  ) {}

  /** Downloads the log and returns the lines that no earlier poll returned. */
  async poll(coriolis: Coriolis): Promise<readonly LogTailLine[]> {
    const { text, now } = await downloadLog(coriolis, this.log, this.from);
    const second = Math.floor(now / 1000);
    const occurrences = new Map<string, number>();
    const fresh: LogTailLine[] = [];
    for (const line of splitMaskedLines(text)) {
      const occurrence = (occurrences.get(line) ?? 0) + 1;
      occurrences.set(line, occurrence);
      const known = this.seen.get(line) ?? [];
      if (occurrence <= known.length) continue;
      this.seen.set(line, [...known, second]);
      fresh.push({ log: this.log, ...this.reader.read(line) });
    }
    this.advanceTo(Math.max(this.from, second - OVERLAP_SECONDS));
    return fresh;
  }

  /** Sets the start of the next poll, and forgets the lines that are older. */
  private advanceTo(from: number): void {
    this.from = from;
    for (const [line, seconds] of this.seen) {
      const left = seconds.filter((second) => second >= from);
      if (left.length === 0) this.seen.delete(line);
      else this.seen.set(line, left);
    }
  }
}
