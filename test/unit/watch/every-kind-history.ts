import { isCoriolisError } from '../../../src/api/errors';
import { pollWatch } from '../../../src/watch/poll-watch';
import type { EventKind, WatchEvent } from '../../../src/watch/poll-watch';
import { damageState } from './damaged-state';
import { BACK_MS, type Action } from './every-kind-actions';
import { ModelServer } from './model-server';
import type { OwnTransfer } from './model-server';

const ADDRESSES = [
  'https://coriolis.example:5000/v3',
  'https://Coriolis.example:5000/',
  'http://coriolis.example:5000',
];
const scopeOf = (address: number): string =>
  JSON.stringify([ADDRESSES[address % ADDRESSES.length], { name: 'p', domain: { name: 'Default' } }, {}]);
const KINDS: readonly EventKind[] = [
  'execution',
  'execution_started',
  'execution_stalled',
  'replica_overdue',
  'schedule_missed',
  'minion_pool_error',
];
export const limits = { stallMinutes: 20, rpoHours: 2, graceMinutes: 10 };
/** Times of the server are cut to seconds, its header as well; a poll takes a while. */
export const BLUR = 4_000;
/** A scan covers what is older than a minute. */
const SETTLED = 70_000;

export interface Poll {
  readonly from: number;
  readonly to: number;
  /** Runs whose records were there, and transfers at rest, all the time. */
  readonly alive: ReadonlySet<string>;
  readonly atRest: ReadonlySet<string>;
}

export class History {
  /** @param kinds events to watch; all that are not ends of deployments when undefined */
  constructor(private readonly kinds: readonly EventKind[] = KINDS) {}

  readonly server = new ModelServer();
  readonly events: WatchEvent[] = [];
  readonly polls: Poll[] = [];
  /** Transfers of which a record was deleted: what became of their runs cannot always be told. */
  readonly doubtful = new Set<string>();
  /** Deployments that took the disks of their transfers. */
  readonly losses: Array<{ readonly transferId: string; readonly at: number }> = [];
  private readonly coriolis = this.server.coriolis();
  /** Polls that said that a part of the watch began anew, with their sentences. */
  readonly restarts: Array<{ readonly at: number; readonly notice: string }> = [];
  damages = 0;
  /** When the clock last jumped, in real time. */
  jumpedAt = 0;
  private canGoBackMs = BACK_MS;
  private address = 0;
  private cursor: unknown;
  private saved: unknown;

  async poll(): Promise<void> {
    const from = this.server.now;
    const [alive, atRest] = [this.alive(), this.atRest()];
    const watched = pollWatch(this.coriolis, this.cursor, {
      scope: scopeOf(this.address),
      kinds: this.kinds,
      ...limits,
    });
    const found = await watched.catch((error: unknown) => {
      // An answer without its list is refused, and the old state stays valid.
      if (!isCoriolisError(error) || error.kind !== 'protocol') throw error;
      return undefined;
    });
    if (found === undefined) return;
    const { cursor, events, notices } = found;
    for (const notice of notices) this.restarts.push({ at: this.server.now, notice });
    const isFirst = this.cursor === undefined;
    this.cursor = JSON.parse(JSON.stringify(cursor));
    this.events.push(...events);
    if (events.length > 0 || isFirst) this.saved = this.cursor;
    const [stillAlive, stillAtRest] = [this.alive(), this.atRest()];
    this.polls.push({
      from,
      to: this.server.now,
      alive: new Set([...alive].filter((id) => stillAlive.has(id))),
      atRest: new Set([...atRest].filter((id) => stillAtRest.has(id))),
    });
  }

  async act(action: Action): Promise<void> {
    const { server } = this;
    const pick = <T>(all: readonly T[], index: number): T | undefined => all[index % Math.max(all.length, 1)];
    const transfer = 'of' in action ? pick(server.transfers, action.of) : undefined;
    const pool = 'of' in action ? pick(server.pools, action.of) : undefined;
    if (action.do === 'poll') await this.poll();
    else if (action.do === 'clock') this.moveClock(action.ms);
    else if (action.do === 'address') this.address = action.of;
    else if (action.do === 'null') server.nullLists.push(action.list);
    else if (action.do === 'damage') {
      this.cursor = damageState(this.cursor, action.of, action.junk);
      this.damages += 1;
    } else if (action.do === 'crash') this.cursor = this.saved;
    else if (action.do === 'pass') server.advance(action.ms);
    else if (action.do === 'create') server.addTransfer();
    else if (action.do === 'addPool') server.addPool();
    else if (action.do === 'silence') server.isSilent = action.silent;
    else if (action.do === 'consume') await this.consume(transfer);
    else if (action.do === 'wave') for (const each of server.transfers) server.start(each);
    else if (action.do === 'pool') {
      if (pool !== undefined) server.setPool(pool, action.status);
    } else if (transfer !== undefined) this.change(transfer, action);
  }

  /** Moves the server's clock; back no further than a watch remembers. */
  private moveClock(ms: number): void {
    if (ms < -this.canGoBackMs) return;
    this.canGoBackMs += Math.min(0, ms);
    this.server.skewMs += ms;
    this.jumpedAt = this.server.now;
  }

  /** When the watch of these events last began anew, and said so. */
  restarted(title: string): number {
    const own = this.restarts.filter(
      ({ notice }) => notice.includes(title) || notice.startsWith('The watch'),
    );
    return Math.max(0, ...own.map(({ at }) => at));
  }

  /** A deployment that takes the disks. Nothing tells of it once the transfer changes again, so it is looked at first. */
  private async consume(transfer: OwnTransfer | undefined): Promise<void> {
    if (transfer === undefined || !this.server.consume(transfer)) return;
    this.losses.push({ transferId: transfer.id, at: this.server.now });
    if (this.cursor === undefined) {
      this.doubtful.add(transfer.id);
      return;
    }
    for (let round = 0; round < 4; round++) {
      this.server.advance(SETTLED);
      await this.poll();
    }
  }

  private change(transfer: OwnTransfer, action: Action): void {
    const { server } = this;
    switch (action.do) {
      case 'run':
        if (server.start(transfer, action.type) === undefined) break;
        server.advance(action.ms);
        server.finish(transfer, action.status);
        break;
      case 'start':
        server.start(transfer);
        break;
      case 'finish':
        server.finish(transfer, action.status);
        break;
      case 'progress':
        server.progress(transfer);
        break;
      case 'touch':
        server.touch(transfer);
        break;
      case 'orphan':
        server.startOrphan(transfer);
        break;
      case 'schedule':
        server.addSchedule(transfer, action.minute);
        break;
      case 'deleteRun':
        server.deleteNewestRun(transfer);
        this.doubtful.add(transfer.id);
        break;
      case 'deleteTransfer':
        server.deleteTransfer(transfer);
        this.doubtful.add(transfer.id);
        break;
    }
  }

  /** A poll that saw a run's record, with nothing of its transfer under way that could hide it. */
  saw(id: string, transferId: string, since: number): boolean {
    return this.polls.some(
      ({ from, alive, atRest }) => from >= since + BLUR && alive.has(id) && atRest.has(transferId),
    );
  }

  keys(event: string): readonly string[] {
    return this.events.filter((each) => each.event === event).map(({ key }) => key);
  }

  private alive(): Set<string> {
    const transfers = this.server.transfers.filter(({ deleted_at }) => deleted_at === null);
    return new Set(
      transfers.flatMap(({ runs }) => runs.filter(({ deleted }) => !deleted).map(({ id }) => id)),
    );
  }

  private atRest(): Set<string> {
    const { transfers } = this.server;
    return new Set(transfers.filter((transfer) => !this.server.isActive(transfer)).map(({ id }) => id));
  }
}
