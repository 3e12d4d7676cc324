import type { TransportResponse } from '../../src/api/transport';
import type { VirtualTime } from './virtual-time';

/** A list of a simulated server, newest first, whose times are whole seconds. */
export class SimulatedRows<Row extends { readonly id: string; readonly created_at: string }> {
  rows: readonly Row[] = [];

  /** @param isRounding whether the server rounds its times to seconds instead of cutting them */
  constructor(
    private readonly time: VirtualTime,
    private readonly idsToGive: Iterator<string>,
    private readonly isRounding: boolean,
  ) {}

  get ids(): readonly string[] {
    return this.rows.map(({ id }) => id);
  }

  /** Adds a row, with an id and the time of the server. */
  add(values: Omit<Row, 'id' | 'created_at'>): Row {
    const seconds = this.time.clock() / 1000;
    const second = this.isRounding ? Math.round(seconds) : Math.floor(seconds);
    const row = {
      ...values,
      id: String(this.idsToGive.next().value),
      created_at: new Date(second * 1000).toISOString().replace('Z', '000'),
    } as Row;
    this.rows = [row, ...this.rows];
    return row;
  }

  /** Deletes a row; returns whether there was one. */
  delete(id: string): boolean {
    const isKnown = this.ids.includes(id);
    this.rows = this.rows.filter((row) => row.id !== id);
    return isKnown;
  }

  /** An answer that carries the time of the server. */
  answer(status: number, json?: object): TransportResponse {
    return {
      status,
      headers: { date: new Date(this.time.clock()).toUTCString(), 'content-type': 'application/json' },
      body: json === undefined ? '' : JSON.stringify(json),
    };
  }
}
