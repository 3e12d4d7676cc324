import type { ApiClient } from '../../api/coriolis-client';
import { mapConcurrently } from '../../api/map-concurrently';
import type { Coriolis } from '../../api/operation-context';
import { tolerateErrors } from '../../api/tolerate-errors';
import { isActive, isFinal, outcomeOf, statusOf } from '../../model/status';
import type { DiskSizes } from '../../model/disk-sizes';
import { parseServerTime } from '../../model/timestamps';
import type { Deployment, Execution, MinionPool, Transfer } from '../../model/api-objects';
import { fetchDeploymentsOfTransfer } from '../../resources/deployment';
import { fetchNewestExecutions } from '../../resources/execution';
import { fetchAllPagesWithTime } from '../../requests/fetch-lists';
import { fetchAll, fetchOne } from '../../requests/object-requests';
import { fetchDiskSizes } from '../../facts/run-disk-sizes';
import { TransferIndex } from './transfer-index';
import { groupBy } from '../group-by';
import { secondsOfDeployment } from './step-durations';

/** Maximum number of executions read for a transfer that a wave created. It suffices for all syncs and repetitions. */
const MAX_EXECUTIONS = 20;
/** Maximum number of executions read for an adopted transfer, which may also have executions of its schedules. */
const MAX_EXECUTIONS_OF_REPLICAS = 50;
/** Maximum number of requests at the same time. */
const CONCURRENCY = 5;
/**
 * Milliseconds after the change of a transfer within which its executions are read again. Several changes may fall into
 * the same second, and the time of the row would not show the later ones.
 */
const RECHECK_MS = 3000;
/** Maximum number of runs whose progress is read in one poll although their transfers show no change. */
const MAX_PROGRESS_READS = 2;

/** Number of earlier deployments whose durations count. */
const MAX_EARLIER_DEPLOYMENTS = 10;

/** Executions and deployments of a transfer. */
export interface TransferRuns {
  readonly executions: readonly Execution[];
  readonly deployments: readonly Deployment[];
}

/** State of a wave at one poll, as read from the server. */
export interface WaveSnapshot {
  /** The server's time, milliseconds since 1970. */
  readonly now: number;
  /** All transfers of the project. */
  readonly transfers: TransferIndex;
  /** Executions and deployments of the wave's transfers, by transfer id. */
  readonly runs: ReadonlyMap<string, TransferRuns>;
  /** Minion pools by id; empty unless they were asked for. */
  readonly pools: ReadonlyMap<string, MinionPool>;
  /** Sizes of the disks that running syncs copy, by transfer id; only those that were read so far. */
  readonly sizes: ReadonlyMap<string, DiskSizes>;
  /** Number of running executions and deployments outside the wave, by id of the endpoint or minion pool. */
  readonly foreignRuns: ReadonlyMap<string, number>;
  /** Seconds of the newest completed deployments outside the wave, between endpoints of the wave, as far as they were listed. */
  readonly earlierDeploySeconds: readonly number[];
}

/** Executions of a transfer, with the state of the transfer's row when they were read. */
interface CachedExecutions {
  /** `updated_at` of the transfer. */
  readonly changed: string | null;
  /** `last_execution_status` of the transfer. */
  readonly status: string;
  readonly executions: readonly Execution[];
  /** Server's time of the poll that read them, milliseconds since 1970. */
  readonly readAt: number;
}

/**
 * Cached executions by transfer id, for each client. With them a poll reads the executions of changed transfers only.
 */
const executionCaches = new WeakMap<ApiClient, Map<string, CachedExecutions>>();

/** A transfer of the wave, whose executions and deployments are read. */
export interface ObservedTransfer {
  readonly transfer: Transfer;
  readonly isAdopted: boolean;
}

/**
 * Reads the state of a wave at each poll. Transfers and deployments come from lists; executions are read for changed
 * transfers only.
 */
export class WaveObserver {
  private readonly executionCache: Map<string, CachedExecutions>;
  /** Deployments that were read with their tasks, by id. */
  private readonly details = new Map<string, { readonly run: Deployment; readonly readAt: number }>();
  /** Ids of the transfers that are known to have an enabled schedule. */
  private readonly scheduled = new Set<string>();
  private readonly sizes = new Map<string, DiskSizes>();

  /**
   * @param options `usesPools`: whether to read minion pools; `everyProgress`: whether each poll reads the progress of
   * all running work instead of a part of it
   */
  constructor(
    private readonly coriolis: Coriolis,
    private readonly options: { readonly usesPools: boolean; readonly everyProgress: boolean },
  ) {
    this.executionCache = executionCaches.get(coriolis.client.withoutDefaults) ?? new Map();
    executionCaches.set(coriolis.client.withoutDefaults, this.executionCache);
  }

  /**
   * Reads the state of the wave.
   * @param select picks the transfers of the wave from all transfers of the project
   */
  async fetchSnapshot(
    select: (transfers: TransferIndex) => readonly ObservedTransfer[],
  ): Promise<WaveSnapshot> {
    const listed = await fetchAllPagesWithTime(this.coriolis, 'transfer');
    const transfers = new TransferIndex();
    for (const row of listed.rows) transfers.add(row);
    const wanted = select(transfers);
    const oldest = wanted.map(({ transfer }) => transfer.created_at).sort()[0];
    const deployments =
      oldest === undefined ? [] : (await fetchAllPagesWithTime(this.coriolis, 'deployment', oldest)).rows;
    const now = listed.date;
    const ids = new Set(wanted.map(({ transfer: { id } }) => id));
    const own = deployments.filter(({ transfer_id: id }) => id !== null && ids.has(id));
    const details = await this.readChanged(wanted, own, now);
    const pools = this.options.usesPools ? await fetchAll(this.coriolis, 'minionPool') : [];
    const byTransfer = groupBy(own, ({ transfer_id: id }) => id ?? '');
    return {
      now,
      transfers,
      runs: new Map(
        wanted.map(({ transfer: { id } }) => [
          id,
          {
            executions: this.executionCache.get(id)?.executions ?? [],
            deployments: (byTransfer.get(id) ?? []).map((one) => newerDeployment(one, details.get(one.id))),
          },
        ]),
      ),
      pools: new Map(pools.map((pool) => [pool.id, pool])),
      sizes: this.sizes,
      foreignRuns: countForeignRuns(listed.rows, deployments, ids),
      earlierDeploySeconds: measureEarlierDeployments(wanted, deployments),
    };
  }

  /** Reads the executions and deployments of one transfer again, just before a step is started. */
  async fetchTransferRuns({ transfer, isAdopted }: ObservedTransfer, now: number): Promise<TransferRuns> {
    const { coriolis } = this;
    const executions = await fetchNewestExecutions(coriolis, transfer.id, maxExecutionsOf(isAdopted));
    const deployments = executions.length === 0 ? [] : await fetchDeploymentsOfTransfer(coriolis, transfer);
    this.remember(transfer, executions, now, true);
    return { executions, deployments };
  }

  /**
   * Whether the transfer has an enabled schedule. Only a positive answer is remembered, so that a new schedule is seen.
   */
  async isScheduled(transferId: string): Promise<boolean> {
    if (this.scheduled.has(transferId)) return true;
    const schedules = await fetchAll(this.coriolis, 'schedule', transferId);
    const found = schedules.some(({ enabled }) => enabled);
    if (found) this.scheduled.add(transferId);
    return found;
  }

  /**
   * Reads the executions of changed transfers, and the changed deployments with their tasks, which lists lack. Returns
   * these deployments by id. Also reads the progress of running work, as `everyProgress` says.
   */
  private async readChanged(
    wanted: readonly ObservedTransfer[],
    deployments: readonly Deployment[],
    now: number,
  ): Promise<ReadonlyMap<string, Deployment>> {
    const reads: PendingRequest[] = [];
    for (const { transfer, isAdopted } of wanted) {
      const known = this.executionCache.get(transfer.id);
      if (transfer.last_execution_status === 'UNEXECUTED' && transfer.updated_at === null) {
        this.remember(transfer, [], now, false);
        continue;
      }
      const isDue = known === undefined || isOutdated(known, transfer);
      if (!isDue && !isActive(transfer.last_execution_status)) continue;
      reads.push({
        isDue,
        readAt: known?.readAt ?? 0,
        read: async () => {
          const latest = fetchNewestExecutions(this.coriolis, transfer.id, maxExecutionsOf(isAdopted));
          const executions = await tolerateErrors(latest, ['not_found'], []);
          this.remember(transfer, executions, now, false);
          const running = executions.find(({ status }) => isActive(status));
          // The sizes of disks are needed only for progress, so they are left out when the transfer has just changed.
          // `fetchDiskSizes` asks the server once for each run.
          if (running === undefined) this.sizes.delete(transfer.id);
          else if (!isDue) this.sizes.set(transfer.id, await fetchDiskSizes(this.coriolis, running));
        },
      });
    }
    for (const listed of deployments) {
      const status = statusOf(listed);
      const known = this.details.get(listed.id);
      // The tasks of completed and pending deployments are not needed.
      if (outcomeOf(status) === 'completed' || status === 'PENDING') continue;
      const isDue =
        known === undefined || known.run.updated_at !== listed.updated_at || statusOf(known.run) !== status;
      if (!isDue && !isActive(status)) continue;
      reads.push({
        isDue,
        readAt: known?.readAt ?? 0,
        read: async () => {
          const run = await tolerateErrors(
            fetchOne(this.coriolis, 'deployment', listed.id),
            ['not_found'],
            listed,
          );
          this.details.set(listed.id, { run, readAt: now });
        },
      });
    }
    const steady = reads.filter(({ isDue }) => !isDue).sort((one, other) => one.readAt - other.readAt);
    const again = this.options.everyProgress ? steady : steady.slice(0, MAX_PROGRESS_READS);
    await mapConcurrently([...reads.filter(({ isDue }) => isDue), ...again], CONCURRENCY, ({ read }) =>
      read(),
    );
    return new Map([...this.details].map(([id, { run }]) => [id, run]));
  }

  /**
   * Caches the executions of a transfer for later polls.
   * @param isAhead whether they may be newer than the given row of the transfer; the next poll then reads them again
   */
  private remember(
    transfer: Transfer,
    executions: readonly Execution[],
    now: number,
    isAhead: boolean,
  ): void {
    this.executionCache.set(transfer.id, {
      changed: isAhead ? '' : transfer.updated_at,
      status: transfer.last_execution_status,
      executions,
      readAt: now,
    });
  }
}

/** The newer state of a deployment: as listed, or as it was read with its tasks. */
function newerDeployment(listed: Deployment, detail: Deployment | undefined): Deployment {
  if (detail === undefined || isFinal(statusOf(detail))) return detail ?? listed;
  return detail.updated_at === listed.updated_at && statusOf(detail) === statusOf(listed) ? detail : listed;
}

/** A request for the executions of a transfer, or for a deployment with its tasks. */
interface PendingRequest {
  /** Whether the object has changed, so that it must be read. Otherwise the request only reads progress. */
  readonly isDue: boolean;
  readonly readAt: number;
  readonly read: () => Promise<void>;
}

const maxExecutionsOf = (isAdopted: boolean): number =>
  isAdopted ? MAX_EXECUTIONS_OF_REPLICAS : MAX_EXECUTIONS;

/** Whether the executions of a transfer may have changed since they were read. */
function isOutdated(known: CachedExecutions, transfer: Transfer): boolean {
  if (known.changed !== transfer.updated_at || known.status !== transfer.last_execution_status) return true;
  const changed = parseServerTime(transfer.updated_at);
  if (changed !== null && known.readAt - changed < RECHECK_MS) return true;
  // The status of the transfer follows its executions. When they disagree, they were read at different times.
  const isBusy = known.executions.some(({ status }) => !isFinal(status) && status !== 'UNEXECUTED');
  return isBusy !== isActive(transfer.last_execution_status);
}

/** Ids of the minion pools that the syncs of a transfer use. */
export const syncPoolIdsOf = (one: Transfer | Deployment): readonly string[] =>
  [one.origin_minion_pool_id, one.destination_minion_pool_id].filter((id) => typeof id === 'string');

/** Ids of the minion pools that the deployments of a transfer use. */
export const morphingPoolIdsOf = (one: Transfer | Deployment): readonly string[] =>
  Object.values(one.instance_osmorphing_minion_pool_mappings ?? {}).filter((id) => typeof id === 'string');

/** Counts the running executions and deployments outside the wave, by id of the endpoint or minion pool. */
function countForeignRuns(
  transfers: readonly Transfer[],
  deployments: readonly Deployment[],
  own: ReadonlySet<string>,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const add = (one: Transfer | Deployment, pools: readonly string[]): void => {
    for (const id of [one.origin_endpoint_id, one.destination_endpoint_id, ...pools])
      counts.set(id, (counts.get(id) ?? 0) + 1);
  };
  for (const one of transfers) {
    if (!own.has(one.id) && isActive(one.last_execution_status)) add(one, syncPoolIdsOf(one));
  }
  for (const one of deployments) {
    const isOwn = one.transfer_id !== null && own.has(one.transfer_id);
    if (!isOwn && isActive(statusOf(one))) add(one, morphingPoolIdsOf(one));
  }
  return counts;
}

/**
 * Seconds of completed deployments of other transfers between the endpoints of the given ones. Direct migrations of a
 * legacy server have no transfer, and are left out: they also copy the disks.
 */
function measureEarlierDeployments(
  wanted: readonly ObservedTransfer[],
  deployments: readonly Deployment[],
): readonly number[] {
  const pairOf = (one: Transfer | Deployment): string =>
    `${one.origin_endpoint_id} ${one.destination_endpoint_id}`;
  const pairs = new Set(wanted.map(({ transfer }) => pairOf(transfer)));
  const own = new Set(wanted.map(({ transfer: { id } }) => id));
  return deployments
    .filter((one) => one.transfer_id !== null && !own.has(one.transfer_id) && pairs.has(pairOf(one)))
    .flatMap((one) => secondsOfDeployment(one) ?? [])
    .slice(0, MAX_EARLIER_DEPLOYMENTS);
}
