import { pollWatch } from '../../../src/watch/poll-watch';
import type { WatchEvent } from '../../../src/watch/poll-watch';
import { isCoriolisError } from '../../../src/api/errors';
import { damageState } from './damaged-state';
import { ModelServer } from './model-server';
import type { Begun } from './model-server';
import { BACK_MS, KINDS, MINUTE, scopeOf, type Action } from './random-actions';

/** A watcher that saves its state the way n8n does: with the events; and the history that happens around it. */
export class History {
  readonly server = new ModelServer();
  readonly events: WatchEvent[] = [];
  readonly coriolis = this.server.coriolis();
  /** When the first poll began and ended: what ends within may or may not be told. */
  readonly baseline = { from: 0, to: 0 };
  /** For each poll: when it began, and the transfers that were at rest, and alive, during all of it. */
  readonly polls: Array<{
    at: number;
    time: number;
    atRest: ReadonlySet<string>;
    alive: ReadonlySet<string>;
  }> = [];
  /** Polls that said that they began anew. */
  readonly restarts: number[] = [];
  /** Moments at which the stored state was damaged. */
  readonly damages: number[] = [];
  brokenPolls = 0;
  private address = 0;
  private canGoBackMs = BACK_MS;
  private cursor: unknown;
  private saved: unknown;

  async begin(): Promise<void> {
    this.baseline.from = this.server.now;
    const { cursor, events, notices } = await this.watch(undefined);
    expect({ events, notices }).toEqual({ events: [], notices: [] });
    this.cursor = this.saved = JSON.parse(JSON.stringify(cursor));
    this.baseline.to = this.server.now;
  }

  async poll(): Promise<void> {
    const { now: at, time } = this.server;
    const atRest = this.idsAtRest();
    const found = await this.watch(this.cursor).catch((error: unknown) => {
      // An answer without its list is refused, and the old state stays valid.
      if (!isCoriolisError(error) || error.kind !== 'protocol') throw error;
      this.brokenPolls += 1;
      return undefined;
    });
    if (found === undefined) return;
    const { cursor, events, notices } = found;
    if (notices.length > 0) this.restarts.push(this.server.now);
    const still = this.idsAtRest();
    this.polls.push({
      at,
      time,
      atRest: new Set([...atRest].filter((id) => still.has(id))),
      alive: this.idsAlive(),
    });
    this.cursor = JSON.parse(JSON.stringify(cursor));
    this.events.push(...events);
    if (events.length > 0) this.saved = this.cursor;
  }

  private watch(cursor: unknown) {
    return pollWatch(this.coriolis, cursor, { scope: scopeOf(this.address), kinds: KINDS });
  }

  /** Moves the server's clock; back no further than a watch remembers. */
  private moveClock(ms: number): void {
    if (ms < this.canGoBackMs * -1) return;
    // Not within the moment in which a final status is replaced: no watch could tell.
    this.server.advance(100);
    this.canGoBackMs += Math.min(0, ms);
    this.server.skewMs += ms;
  }

  /** Puts junk of another type into some place of the stored state. */
  private damage(index: number, junk: unknown): void {
    this.cursor = damageState(this.cursor, index, junk);
    this.damages.push(this.server.now);
  }

  crash(): void {
    this.cursor = this.saved;
  }

  async act(action: Action): Promise<void> {
    const { server } = this;
    const pick = <T>(all: readonly T[], index: number): T | undefined => all[index % Math.max(all.length, 1)];
    const transfer = 'of' in action ? pick(server.transfers, action.of) : undefined;
    const deployment = 'of' in action ? pick(server.deployments, action.of) : undefined;
    switch (action.do) {
      case 'create':
        server.addTransfer();
        break;
      case 'pass':
        server.advance(action.ms);
        break;
      case 'poll':
        await this.poll();
        break;
      case 'crash':
        this.crash();
        break;
      case 'clock':
        this.moveClock(action.ms);
        break;
      case 'address':
        this.address = action.of;
        break;
      case 'null':
        server.nullLists.push(['transfers', 'executions', 'deployments'][action.of] ?? '');
        break;
      case 'damage':
        this.damage(action.of, action.junk);
        break;
      case 'run':
        if (transfer !== undefined && server.start(transfer) !== undefined) {
          server.advance(action.ms);
          server.finish(transfer, action.status);
        }
        break;
      case 'start':
        if (transfer !== undefined) server.start(transfer);
        server.advance(1600);
        break;
      case 'finish':
        if (transfer !== undefined) server.finish(transfer, action.status);
        break;
      case 'starve':
        if (transfer !== undefined) server.starve(transfer, action.ms);
        break;
      case 'deleteTransferSoon':
        if (transfer !== undefined) server.deleteTransferSoon(transfer, action.ms);
        break;
      case 'wave':
        for (const each of server.transfers) server.start(each);
        server.advance(action.ms);
        for (const each of server.transfers) server.finish(each, action.status);
        break;
      case 'touch':
        if (transfer !== undefined) server.touch(transfer);
        break;
      case 'orphan':
        if (transfer !== undefined) server.startOrphan(transfer);
        break;
      case 'deleteRun':
        if (transfer !== undefined) server.deleteNewestRun(transfer);
        break;
      case 'deleteTransfer':
        if (transfer !== undefined) server.deleteTransfer(transfer);
        break;
      case 'pending':
      case 'deploy':
        if (transfer !== undefined)
          server.addDeployment(transfer, action.do === 'pending' ? 'PENDING' : 'RUNNING');
        break;
      case 'finishDeployment':
        if (deployment !== undefined) server.finishDeployment(deployment, action.status);
        break;
      case 'deleteDeployment':
        if (deployment !== undefined) server.deleteDeployment(deployment);
        break;
    }
  }

  /** Lets everything come to rest and the watcher see it. */
  async settle(): Promise<void> {
    for (const transfer of this.server.transfers) this.server.finish(transfer, 'COMPLETED');
    this.server.nullLists.length = 0;
    for (let round = 0; round < 4; round++) {
      this.server.advance(5000);
      await this.poll();
    }
    // A conductor's clock may be a few minutes ahead, so what is so far in the future waits as long.
    this.server.advance(6 * MINUTE);
    await this.poll();
    await this.poll();
  }

  /** Whether a poll could see this run: old enough, its record there, no other run of its transfer under way. */
  wasVisible({ id, transferId, at, time }: Omit<Begun, 'type'>): boolean {
    const could = this.polls.filter(
      (poll) =>
        poll.at >= at + 3100 && poll.alive.has(id) && (poll.atRest.has(transferId) || poll.atRest.has(id)),
    );
    // One from before the clock was set back is believed when it was seen twice.
    const isSeen = could.some((poll) => poll.time >= time + 3100);
    return isSeen || could.filter((poll) => poll.time < time - 6 * MINUTE).length > 1;
  }

  private idsAtRest(): Set<string> {
    const { server } = this;
    return new Set([
      ...server.transfers.filter((transfer) => !server.isActive(transfer)).map(({ id }) => id),
      ...server.deployments.map(({ id }) => id),
    ]);
  }

  private idsAlive(): Set<string> {
    const { transfers, deployments } = this.server;
    return new Set([
      ...transfers
        .filter(({ deleted_at }) => deleted_at === null)
        .flatMap(({ runs }) => runs.filter(({ deleted }) => !deleted).map(({ id }) => id)),
      // A deleted deployment stays in the list with its last status.
      ...deployments.map(({ id }) => id),
    ]);
  }
}
