/** Severities of syslog: 0 EMERGENCY, 1 ALERT, 2 CRITICAL, 3 ERROR, 4 WARNING, 5 NOTICE, 6 INFO, 7 DEBUG. */
export type Severity = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** A line of a log, as stored by coriolis-logger (docs/reference/coriolis-api.md §13). */
export interface LogLine {
  /** Microseconds since the epoch. */
  readonly timeMicroseconds: number;
  readonly severity: Severity;
  /** Name of the log that the line belongs to, e.g. `coriolis-worker`. */
  readonly appName: string;
  readonly message: string;
  readonly hostname: string;
}

/** Period of log lines in seconds since the epoch, both ends included. */
export interface LogPeriod {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** Number of lines that a log keeps, because a sandbox may run for days. */
const KEPT_LINES = 20_000;
/** Default retention of coriolis-logger, in microseconds. */
const KEPT_MICROSECONDS = 3 * 24 * 60 * 60 * 1_000_000;

/** Logs of the services, ordered by time. */
export class LogStore {
  private readonly logs = new Map<string, LogLine[]>();
  private readonly listeners = new Set<(line: LogLine) => void>();

  /**
   * Adds a line. Of several lines with equal log, time, host and severity, the database of coriolis-logger keeps the
   * last only (recorded).
   */
  receive(line: LogLine): void {
    const lines = this.logs.get(line.appName) ?? [];
    this.logs.set(line.appName, lines);
    let place = lines.length;
    while (place > 0 && (lines[place - 1]?.timeMicroseconds ?? 0) > line.timeMicroseconds) place -= 1;
    const same = this.sameMoment(lines, place, line);
    if (same === -1) lines.splice(place, 0, line);
    else lines[same] = line;
    this.trim(lines);
    for (const listener of this.listeners) listener(line);
  }

  /** The names of all logs, in alphabetical order. */
  listLogNames(): string[] {
    return [...this.logs.keys()].sort();
  }

  /** The lines of a log; none when there is no such log. */
  linesOf(appName: string, { from = -Infinity, to = Infinity }: LogPeriod = {}): readonly LogLine[] {
    const lines = this.logs.get(appName) ?? [];
    return lines.filter(({ timeMicroseconds: time }) => time >= from * 1_000_000 && time <= to * 1_000_000);
  }

  /** Calls a listener with every new line. @returns a function that unsubscribes */
  subscribe(listener: (line: LogLine) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private sameMoment(lines: readonly LogLine[], end: number, line: LogLine): number {
    for (let index = end - 1; lines[index]?.timeMicroseconds === line.timeMicroseconds; index -= 1) {
      const known = lines[index];
      if (known?.hostname === line.hostname && known.severity === line.severity) return index;
    }
    return -1;
  }

  private trim(lines: LogLine[]): void {
    const oldest = (lines.at(-1)?.timeMicroseconds ?? 0) - KEPT_MICROSECONDS;
    let superfluous = lines.length > 2 * KEPT_LINES ? lines.length - KEPT_LINES : 0;
    while ((lines[superfluous]?.timeMicroseconds ?? oldest) < oldest) superfluous += 1;
    if (superfluous > 0) lines.splice(0, superfluous);
  }
}
