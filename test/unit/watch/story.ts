import { pollWatch } from '../../../src/watch/poll-watch';
import type { WatchEvent, WatchOptions } from '../../../src/watch/poll-watch';
import { ModelServer } from './model-server';
import type { OwnTransfer } from './model-server';

export const SCOPE = 'https://coriolis.example/v1/project';

/** A server with some transfers, and a watcher that keeps its cursor as JSON. */
export class Story {
  readonly server = new ModelServer();
  readonly coriolis = this.server.coriolis();
  readonly transfers: readonly OwnTransfer[];
  cursor: unknown;
  /** Those of the last poll. */
  notices: readonly string[] = [];

  constructor(transfers = 1) {
    this.server.latency = () => 1;
    this.transfers = Array.from({ length: transfers }, () => this.server.addTransfer());
  }

  get first(): OwnTransfer {
    return this.transfers[0] as OwnTransfer;
  }

  /** Runs a transfer to its end. */
  run(transfer: OwnTransfer = this.first, status = 'COMPLETED', ms = 2000): void {
    this.server.start(transfer);
    this.server.advance(ms);
    this.server.finish(transfer, status);
  }

  async poll(options: Partial<WatchOptions> = {}): Promise<readonly WatchEvent[]> {
    const found = await pollWatch(this.coriolis, this.cursor, { scope: SCOPE, ...options });
    const { cursor, events } = found;
    this.notices = found.notices;
    this.cursor = JSON.parse(JSON.stringify(cursor));
    return events;
  }

  /** Polls after everything has become old enough to be believed. */
  async later(options: Partial<WatchOptions> = {}): Promise<readonly WatchEvent[]> {
    this.server.advance(5000);
    return this.poll(options);
  }

  async requestsOf(work: () => Promise<unknown>): Promise<readonly string[]> {
    const before = this.server.asked.length;
    await work();
    return this.server.asked.slice(before);
  }
}

/** Number and status of each event. */
export const told = (events: readonly WatchEvent[]) => events.map(({ number, status }) => [number, status]);
