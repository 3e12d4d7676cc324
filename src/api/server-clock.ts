import type { Clock } from './runtime';
import { parseHttpDate, parseTime } from '../model/timing';

/**
 * The server writes whole seconds, and MySQL rounds up to half a second into the future or down (watching.md §1); the
 * `Date` header is cut to seconds too.
 */
const MARGIN_MS = 2_000;

/** The server's time, learned from the `Date` headers of its answers: timestamps are compared with it, never with ours. */
export class ServerClock {
  private offset: number | undefined;
  /** The last header and what it says: a server that answers many times a second repeats itself. */
  private last: { readonly header: string | undefined; readonly date: number | null } | undefined;

  constructor(private readonly clock: Clock) {}

  /** Learns from the headers of an answer that has just arrived; gives its time, in milliseconds. */
  observe(headers: Readonly<Record<string, string>>): number | undefined {
    const header = headers['date'];
    if (this.last === undefined || this.last.header !== header) {
      this.last = { header, date: parseHttpDate(header) };
    }
    const { date } = this.last;
    if (date === null) return undefined;
    this.offset = date - this.clock();
    return date;
  }

  /** The server's time now; our own as long as no answer has told it. */
  now(): number {
    return this.clock() + (this.offset ?? 0);
  }

  /**
   * Whether a record with this `created_at` was created after `sentAt`, a moment of our clock. Asked later, it uses what
   * answers since then have told. Without any `Date` header nothing can be proven: false.
   */
  createdSince(sentAt: number, createdAt: string): boolean {
    const created = parseTime(createdAt);
    return created !== null && this.offset !== undefined && created >= sentAt + this.offset - MARGIN_MS;
  }
}
