import { CoriolisClient } from '../../../src/api/coriolis-client';
import type { Transport, TransportRequest, TransportResponse } from '../../../src/api/transport';
import type { Coriolis } from '../../../src/api/operation-context';
import { ModelEstate } from './model-estate';
import { failedTask } from './model-objects';

export type { Begun, Ended, OwnPool, OwnTransfer } from './model-objects';

/**
 * A server in memory that answers the lists a watcher reads, with the habits of the real one
 * (docs/reference/watching.md §§1-2): whole seconds, nulls last, numbers that are never reused, statuses that can be
 * replaced, and a clock that moves between two requests, so that things happen in the middle of a poll.
 */
export class ModelServer extends ModelEstate {
  /** Whether it sends whole, unsorted lists, as servers before 1.2.2 do. */
  ignoresPaging = false;
  /** Lists that it will answer with null instead, one answer each. */
  readonly nullLists: string[] = [];
  /** Rows of further lists by the last part of their path, such as `endpoints`. An event that reads one fills it. */
  readonly lists = new Map<string, readonly object[]>([['endpoints', []]]);
  /** Whether it answers every page with the first rows. */
  ignoresMarker = false;
  /** Milliseconds that each request takes; what is due in between happens. */
  latency: () => number = () => 7;
  /** What was asked for, path by path. */
  readonly asked: string[] = [];

  /** The core's view of this server: a real client whose transport ends here. */
  coriolis(): Coriolis {
    const runtime = {
      clock: () => this.now,
      sleep: async (ms: number) => this.advance(ms),
      random: () => 0.5,
    };
    const transport: Transport = { send: async (request) => this.send(request) };
    return { ...runtime, client: new CoriolisClient({ transport, runtime }) };
  }

  private send(request: TransportRequest): TransportResponse {
    this.advance(this.latency());
    const url = new URL(request.url, 'http://model');
    this.asked.push(url.pathname);
    const body = this.withNulls(this.answer(url));
    const answer = {
      status: body === undefined ? 404 : 200,
      headers: { 'content-type': 'application/json', date: new Date(this.time).toUTCString() },
      body: JSON.stringify(body ?? { error: { code: 404, message: 'not found' } }),
    };
    this.advance(this.latency());
    return answer;
  }

  private withNulls(body: unknown): unknown {
    const index = this.nullLists.findIndex((key) => body !== undefined && key in (body as object));
    const [key] = index === -1 ? [] : this.nullLists.splice(index, 1);
    return key === undefined ? body : { ...(body as object), [key]: null };
  }

  private answer(url: URL): unknown {
    const [, collection, id, inner] = url.pathname.split('/');
    if (collection === 'transfers' && inner === 'executions') {
      const transfer = this.transfers.find((candidate) => candidate.id === id);
      const runs = transfer?.deleted_at === null ? transfer.runs.filter((run) => !run.deleted) : [];
      return {
        executions: this.page(runs, url, (run) => run.number).map(
          ({ deleted: _, settling: __, ...run }) => run,
        ),
      };
    }
    if (collection === 'deployments' && id !== undefined) {
      const deployment = this.deployments.find((candidate) => candidate.id === id);
      return deployment?.deleted_at === null
        ? {
            deployment: {
              ...deployment,
              tasks: deployment.last_execution_status === 'ERROR' ? [failedTask(deployment)] : [],
            },
          }
        : undefined;
    }
    if (collection === 'transfers' && inner === 'schedules') {
      const isThere = this.transfers.some((transfer) => transfer.id === id && transfer.deleted_at === null);
      return { schedules: isThere ? this.schedules.filter(({ transfer_id }) => transfer_id === id) : [] };
    }
    if (collection === 'minion_pools') {
      const pools = this.pools.filter(({ deleted_at }) => deleted_at === null);
      if (id === undefined) return { minion_pools: pools.map(({ events: _, ...pool }) => pool) };
      const pool = pools.find((candidate) => candidate.id === id);
      return pool && { minion_pool: pool };
    }
    if (collection === 'transfers' && id !== undefined) {
      const transfer = this.transfers.find((candidate) => candidate.id === id);
      if (transfer?.deleted_at !== null) return undefined;
      const { runs: _, nextNumber: __, ...row } = transfer;
      return { transfer: { ...row, executions: [] } };
    }
    if (collection === 'transfers') {
      const all = this.transfers.filter(
        ({ deleted_at }) => deleted_at === null || url.searchParams.get('show_deleted') === 'true',
      );
      const status = this.ignoresPaging ? null : url.searchParams.get('status');
      const wanted = all.filter((row) => status === null || row.last_execution_status === status);
      const column = url.searchParams.get('sort_key') ?? 'updated_at';
      if (column !== 'created_at' && column !== 'updated_at')
        throw new Error(`the model server does not sort by ${column}`);
      const rows = this.page(wanted, url, (row) => row[column]);
      return { transfers: rows.map(({ runs: _, nextNumber: __, ...row }) => ({ ...row, executions: [] })) };
    }
    if (collection === 'deployments') {
      return { deployments: this.page(this.deployments, url, (row) => row.updated_at) };
    }
    const rows = this.lists.get(collection ?? '');
    if (rows !== undefined && id === undefined) return { [collection ?? '']: rows };
    throw new Error(`the model server has no answer to ${url.pathname}`);
  }

  /** Newest first, nulls last; a marker among the nulls brings all others again, as on the real server. */
  private page<Row extends { readonly id: string }>(
    all: readonly Row[],
    url: URL,
    key: (row: Row) => string | number | null,
  ): readonly Row[] {
    if (this.ignoresPaging) return all;
    const order = (row: Row) => String(key(row) ?? '').padStart(12, '0');
    const sorted = [...all].sort((a, b) => order(b).localeCompare(order(a)) || b.id.localeCompare(a.id));
    const wanted = this.ignoresMarker ? null : url.searchParams.get('marker');
    const marker = sorted.findIndex((row) => row.id === wanted);
    const markerRow = sorted[marker];
    const start = markerRow === undefined || key(markerRow) === null ? 0 : marker + 1;
    return sorted.slice(start, start + Number(url.searchParams.get('limit') ?? sorted.length));
  }
}
