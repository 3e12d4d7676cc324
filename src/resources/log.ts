import { InvalidInputError } from '../api/errors';
import { path } from '../api/path';
import { mapConcurrently } from '../api/map-concurrently';
import type { Coriolis } from '../api/coriolis';
import {
  isAtLeastAsSevere,
  splitLines,
  SeverityTracker,
  type LogLine,
  type Severity,
} from '../model/log-line';

/** Maximum length of a downloaded log, to limit memory. */
const MAX_LOG_LENGTH = 64 * 1024 * 1024;

const logger = ({ client }: Coriolis) => client.service('coriolis-logger');

/** Lists the names of all logs in alphabetical order, with the log service's time in milliseconds. */
export async function listLogs(
  coriolis: Coriolis,
): Promise<{ readonly names: readonly string[]; readonly now: number }> {
  const { body, date } = await logger(coriolis).getWithDate<{ logs?: Array<{ log_name: string }> | null }>(
    '/logs',
    { signal: coriolis.signal },
  );
  return { names: (body.logs ?? []).map(({ log_name: name }) => name).sort(), now: date };
}

/**
 * Downloads a log between two moments (unix seconds), with the log service's time in milliseconds. Empty for an unknown
 * log.
 * @throws {InvalidInputError} it is too long
 */
export async function downloadLog(
  coriolis: Coriolis,
  log: string,
  from: number,
  to?: number,
): Promise<{ readonly text: string; readonly now: number }> {
  const { body: text, date: now } = await logger(coriolis).getWithDate<string>(path`/logs/${log}`, {
    query: { start_date: from, end_date: to },
    accept: 'text/plain',
    slow: true,
    signal: coriolis.signal,
  });
  if (text.length <= MAX_LOG_LENGTH) return { text, now };
  throw new InvalidInputError(
    `The log ${log} has ${Math.round(text.length / 1024 / 1024)} MiB in that period; at most ${MAX_LOG_LENGTH >> 20} are taken.`,
    { field: 'start', advice: 'Give a shorter period.' },
  );
}

export interface TailLine extends LogLine {
  readonly log: string;
}

export interface Tail {
  readonly lines: readonly TailLine[];
  readonly endedBy: 'lines' | 'seconds';
}

interface TailOptions {
  readonly least: Severity;
  readonly seconds: number;
  /** Maximum number of lines. */
  readonly lines: number;
  /** The log service's time at the start, in milliseconds. */
  readonly now: number;
}

const POLL_MS = 2000;
/** Overlap of two polls in seconds, because lines arrive late and times have whole seconds. */
const OVERLAP_SECONDS = 5;
const CONCURRENCY = 4;

/**
 * Follows logs for a number of seconds or lines. It polls downloads instead of using the service's WebSocket, because
 * n8n's HTTP helper and plain clients cannot upgrade a connection, and a socket of our own would lack their proxies and
 * certificates. The lines are the same; only WebSocket frames have a severity, so the level word in the line is used.
 */
export async function tailLogs(
  coriolis: Coriolis,
  logs: readonly string[],
  options: TailOptions,
): Promise<Tail> {
  const { clock, sleep, signal } = coriolis;
  const deadline = clock() + options.seconds * 1000;
  const begin = Math.floor(options.now / 1000);
  const followed = logs.map((log) => new LogFollower(log, begin));
  const found: TailLine[] = [];
  for (;;) {
    const left = deadline - clock();
    await sleep(Math.min(POLL_MS, Math.max(0, left)), signal);
    const lastLook = clock() >= deadline;
    const fresh = await mapConcurrently(followed, CONCURRENCY, (one) => one.poll(coriolis));
    found.push(...fresh.flat().filter((line) => isAtLeastAsSevere(line, options.least)));
    if (found.length >= options.lines) return { lines: found.slice(0, options.lines), endedBy: 'lines' };
    if (lastLook) return { lines: found, endedBy: 'seconds' };
  }
}

/** A followed log: the start of the next poll, and the lines already returned. */
class LogFollower {
  private readonly reader = new SeverityTracker();
  /**
   * Times at which each line was first seen, one for each occurrence, in unix seconds of the service. Times before the
   * current window are ignored, because such lines cannot be in it. Equal lines without a timestamp that arrive between
   * two polls may count as one.
   */
  private readonly seen = new Map<string, number[]>();

  constructor(
    private readonly log: string,
    private from: number,
  ) {}

  async poll(coriolis: Coriolis): Promise<readonly TailLine[]> {
    const { text, now } = await downloadLog(coriolis, this.log, this.from);
    const second = Math.floor(now / 1000);
    const occurrences = new Map<string, number>();
    const fresh: TailLine[] = [];
    for (const line of splitLines(text)) {
      const occurrence = (occurrences.get(line) ?? 0) + 1;
      occurrences.set(line, occurrence);
      const known = this.seen.get(line) ?? [];
      if (occurrence <= known.length) continue;
      this.seen.set(line, [...known, second]);
      fresh.push({ log: this.log, ...this.reader.read(line) });
    }
    this.moveOn(Math.max(this.from, second - OVERLAP_SECONDS));
    return fresh;
  }

  private moveOn(from: number): void {
    this.from = from;
    for (const [line, seconds] of this.seen) {
      const left = seconds.filter((second) => second >= from);
      if (left.length === 0) this.seen.delete(line);
      else this.seen.set(line, left);
    }
  }
}
