import type { Clock } from './core-runtime';
import { parseHttpDate, parseServerTime } from '../model/timestamps';

/**
 * Milliseconds by which times of the server may differ. Timestamps are rounded to whole seconds, up to half a second
 * into the future (docs/reference/watching.md §1), and the `Date` header is truncated to seconds.
 */
const MARGIN_MS = 2_000;

/**
 * The server's clock, learned from `Date` headers. Timestamps of the server are compared with this clock, never with
 * the local one.
 */
export class ServerClock {
  private offset: number | undefined;
  /** Last `Date` header and its parsed time. Cached, because all answers within a second have the same header. */
  private last: { readonly header: string | undefined; readonly date: number | null } | undefined;

  constructor(private readonly clock: Clock) {}

  /**
   * Updates the clock from the headers of a new answer, and returns the server's time in milliseconds since 1970;
   * undefined without a valid `Date` header.
   */
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

  /** The server's time now, in milliseconds since 1970; the local time before the first answer. */
  now(): number {
    return this.clock() + (this.offset ?? 0);
  }

  /**
   * Whether a record with this `created_at` was created after `sentAt` (milliseconds on the local clock), by the
   * server's time as known now. False while no answer had a `Date` header, because nothing can be proven then.
   */
  wasCreatedSince(sentAt: number, createdAt: string): boolean {
    const created = parseServerTime(createdAt);
    return created !== null && this.offset !== undefined && created >= sentAt + this.offset - MARGIN_MS;
  }
}
