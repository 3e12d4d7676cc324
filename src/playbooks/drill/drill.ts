import {
  asError,
  CanceledError,
  AuthenticationError,
  InvalidInputError,
  isCoriolisError,
} from '../../api/errors';
import type { Coriolis } from '../../api/coriolis';
import { failureOf } from '../../model/failure';
import type { JsonObject } from '../../model/json';
import { computeCopyState, type NoCopyReason } from '../../model/last-copy';
import { transferName } from '../../model/names';
import { isActive, outcomeOf, statusOf } from '../../model/status';
import {
  describeSeconds,
  durationSeconds,
  formatIso,
  parseServerTime,
  toIsoTime,
} from '../../model/timestamps';
import type { Deployment, Transfer } from '../../model/types';
import { quoteText } from '../../model/untrusted';
import { createDeployment } from '../../resources/deployment';
import { makeManifest, reportHash, type Manifest } from '../report/manifest';
import type { KnownTransfers } from '../wave/existing-transfers';
import { progressNote } from '../wave/progress-note';
import { WaveObserver, type TransferRuns, type WaveTick } from '../wave/observe';
import { isUnsettled } from '../wave/step';

/** Filter of the transfers that a drill rehearses; all given conditions must hold. */
export interface DrillGroup {
  readonly transferIds: readonly string[] | undefined;
  /** Text in notes or instances. */
  readonly search: string | undefined;
  /** Id of the origin or destination endpoint. */
  readonly endpointId: string | undefined;
}

export interface DrillInput extends DrillGroup {
  /**
   * Start of the drill, ISO time; now when undefined. Clones that were deployed since then belong to the drill, so that
   * a call with the same start continues it.
   */
  readonly since: string | undefined;
  readonly rpoTargetSeconds: number | undefined;
  readonly rtoTargetSeconds: number | undefined;
}

export interface DrillRunInput extends DrillInput {
  readonly maxParallel: number;
  readonly timeoutSeconds: number;
}

/** Result of one transfer in a drill. */
export interface DrillRow {
  readonly transfer_id: string;
  readonly name: string;
  /** State: waiting, deploying, passed, missed (a target), failed or no_copy. */
  readonly state: string;
  /** Start of the sync that the clone was made from. */
  readonly copy_at: string | null;
  readonly rpo_seconds: number | null;
  readonly rto_seconds: number | null;
  /** RTO of the previous drill. */
  readonly previous_rto_seconds: number | null;
  readonly deployment_id: string | null;
  readonly why: string | null;
}

export interface Drill {
  /** Start of the drill. A later call with this value continues the drill or reports it. */
  readonly since: string;
  readonly as_of: string;
  /** Outcome: passed, failed or going_on. */
  readonly outcome: string;
  readonly transfers: number;
  readonly deployed: number;
  readonly failed: number;
  readonly without_copy: number;
  readonly worst_rpo_seconds: number | null;
  readonly worst_rto_seconds: number | null;
  readonly rows: readonly DrillRow[];
  /** Machines of the drill on the destination, for a person to remove. */
  readonly to_remove: readonly { readonly machine: string; readonly deployment_id: string }[];
}

export interface DrillReport extends Drill {
  readonly approvals: readonly JsonObject[];
  readonly manifest: Manifest;
  readonly report_hash: string;
}

const SOON_MS = 2000;
const MAX_PAUSE_MS = 30_000;
const GROWTH = 1.5;
const MAX_START_FAILURES = 4;

const isMeant =
  ({ transferIds, search, endpointId }: DrillGroup) =>
  (transfer: Transfer): boolean => {
    const needle = search?.toLowerCase();
    return (
      (transferIds === undefined || transferIds.includes(transfer.id)) &&
      (endpointId === undefined ||
        [transfer.origin_endpoint_id, transfer.destination_endpoint_id].includes(endpointId)) &&
      (needle === undefined ||
        [transfer.notes ?? '', ...transfer.instances].some((text) => text.toLowerCase().includes(needle)))
    );
  };

function requireGroup({ transferIds, search, endpointId }: DrillGroup): void {
  if (transferIds !== undefined || search !== undefined || endpointId !== undefined) return;
  throw new InvalidInputError('A drill needs its group.', {
    field: 'search',
    advice: 'Give a text in the notes, an endpoint, or a list of transfers.',
  });
}

/** Reason why a transfer is not deployed. A deployment would use up the licence of a live migration. */
type NoDrillReason = NoCopyReason | 'live_migration';

/** State of a transfer of the group at one moment. */
interface Rehearsed {
  readonly transfer: Transfer;
  readonly copyAt: string | null;
  readonly noCopy: NoDrillReason | null;
  readonly isBusy: boolean;
  readonly isUnsettled: boolean;
  /** Newest deployment of the transfer in this drill. */
  readonly deployment: Deployment | undefined;
  readonly previous: Deployment | undefined;
}

function rehearsed(
  transfer: Transfer,
  { executions, deployments }: TransferRuns,
  since: number,
  now: number,
): Rehearsed {
  const { copy, reason } = computeCopyState(executions, deployments);
  const isReplica = transfer.scenario !== 'live_migration';
  const newest = [...deployments].sort((one, other) => (one.created_at < other.created_at ? 1 : -1));
  const isOwn = (one: Deployment): boolean => (parseServerTime(one.created_at) ?? 0) >= since;
  return {
    transfer,
    copyAt: isReplica ? (copy?.at ?? null) : null,
    noCopy: isReplica ? reason : 'live_migration',
    isBusy:
      executions.some(({ status }) => isActive(status)) ||
      deployments.some((one) => isActive(statusOf(one)) || statusOf(one) === 'PENDING'),
    isUnsettled: [...executions, ...deployments].some((run) => isUnsettled(run, now)),
    deployment: newest.find(isOwn),
    previous: newest.find((one) => !isOwn(one) && outcomeOf(statusOf(one)) === 'completed'),
  };
}

/**
 * Deploys clones of the newest usable copies of a group, a few at a time and without a sync. Nothing of the source is
 * touched, and the copies stay.
 *
 * @throws {InvalidInputError} no group is given, or it is empty
 */
export async function runDrill(coriolis: Coriolis, input: DrillRunInput): Promise<Drill> {
  requireGroup(input);
  const look = looker(coriolis, input);
  const deadline = coriolis.clock() + input.timeoutSeconds * 1000;
  const troubles = new Map<string, { readonly count: number; readonly why: string }>();
  let pause = SOON_MS;
  for (;;) {
    const { all, tick, since } = await look();
    const drill = drillOf(all, input, { since, now: tick.now, troubles });
    progressNote(coriolis, `${drill.deployed} of ${drill.transfers} deployed`);
    const isWanted = (one: Rehearsed): boolean =>
      one.deployment === undefined &&
      one.copyAt !== null &&
      !one.isBusy &&
      (troubles.get(one.transfer.id)?.count ?? 0) < MAX_START_FAILURES;
    const atWork = all.filter(
      ({ isBusy, isUnsettled: soon, deployment }) => deployment !== undefined && (isBusy || soon),
    );
    const next = all.filter(isWanted).slice(0, Math.max(0, input.maxParallel - atWork.length));
    let started = false;
    for (const { transfer } of next) {
      const runs = await look.fresh(transfer, tick.now);
      const now = rehearsed(transfer, runs, since, tick.now);
      // Somebody else runs the same drill, or something of it has begun.
      if (!isWanted(now)) continue;
      try {
        await createDeployment(coriolis, { transfer_id: transfer.id, clone_disks: true, force: false });
        started = true;
      } catch (error) {
        if (!isCoriolisError(error) || error instanceof CanceledError || error instanceof AuthenticationError)
          throw asError(error);
        const count = (troubles.get(transfer.id)?.count ?? 0) + 1;
        troubles.set(transfer.id, {
          count: error.kind === 'conflict' || error.kind === 'unreachable' ? count : MAX_START_FAILURES,
          why: quoteText(error.message, 200),
        });
      }
    }
    const isOver = !started && atWork.length === 0 && !all.some(isWanted);
    if (isOver || coriolis.clock() >= deadline) {
      if (!started) return drill;
      const last = await look();
      return drillOf(last.all, input, { since, now: last.tick.now, troubles });
    }
    pause = started ? SOON_MS : Math.min(pause * GROWTH, MAX_PAUSE_MS);
    await coriolis.sleep(Math.max(1, Math.min(pause, deadline - coriolis.clock())), coriolis.signal);
  }
}

/** Report of a drill, from the server's state alone. */
export async function reportDrill(
  coriolis: Coriolis,
  input: DrillInput & { readonly approvals: readonly JsonObject[] | undefined },
): Promise<DrillReport> {
  requireGroup(input);
  const { all, tick, since } = await looker(coriolis, input)();
  const parts = {
    ...drillOf(all, input, { since, now: tick.now, troubles: new Map() }),
    approvals: input.approvals ?? [],
  };
  const manifest = makeManifest(parts as unknown as JsonObject);
  return { ...parts, manifest, report_hash: reportHash(manifest) };
}

function looker(coriolis: Coriolis, input: DrillInput) {
  const observer = new WaveObserver(coriolis, { usesPools: false, everyProgress: false });
  let begun: number | undefined;
  const pick = (transfers: KnownTransfers): readonly Transfer[] => transfers.matching(isMeant(input));
  const look = async (): Promise<{
    readonly all: readonly Rehearsed[];
    readonly tick: WaveTick;
    readonly since: number;
  }> => {
    const tick = await observer.tick((transfers) =>
      pick(transfers).map((transfer) => ({ transfer, isAdopted: true })),
    );
    const group = pick(tick.transfers);
    if (group.length === 0) {
      const word = input.search === undefined ? '' : `: none has "${input.search}" in its notes or machines`;
      throw new InvalidInputError(`No transfer belongs to the group of the drill${word}.`, {
        field: 'search',
        advice: 'Look at the notes, machines and endpoints in the list of transfers.',
      });
    }
    begun ??= sinceOf(input.since) ?? tick.now;
    const since = begun;
    return {
      tick,
      since,
      all: group.map((transfer) =>
        rehearsed(
          transfer,
          tick.runs.get(transfer.id) ?? { executions: [], deployments: [] },
          since,
          tick.now,
        ),
      ),
    };
  };
  return Object.assign(look, {
    fresh: (transfer: Transfer, now: number) => observer.fresh({ transfer, isAdopted: true }, now),
  });
}

function sinceOf(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const at = parseServerTime(given);
  if (at !== null) return at;
  throw new InvalidInputError('Since is no time.', {
    field: 'since',
    advice: 'Give the "since" of the drill to go on with, such as 2026-12-05T21:00:00Z.',
  });
}

function drillOf(
  all: readonly Rehearsed[],
  { rpoTargetSeconds, rtoTargetSeconds }: DrillInput,
  {
    since,
    now,
    troubles,
  }: {
    readonly since: number;
    readonly now: number;
    readonly troubles: ReadonlyMap<string, { readonly count: number; readonly why: string }>;
  },
): Drill {
  const rows = all.map((one) =>
    rowOf(one, now, rpoTargetSeconds, rtoTargetSeconds, troubles.get(one.transfer.id)),
  );
  const count = (...states: readonly string[]): number =>
    rows.filter(({ state }) => states.includes(state)).length;
  const worst = (values: ReadonlyArray<number | null>): number | null => {
    const known = values.filter((value) => value !== null);
    return known.length === 0 ? null : Math.max(...known);
  };
  const isGoingOn = count('waiting', 'deploying') > 0;
  return {
    since: formatIso(since),
    as_of: formatIso(now),
    outcome: isGoingOn ? 'going_on' : count('failed', 'missed', 'no_copy') > 0 ? 'failed' : 'passed',
    transfers: rows.length,
    deployed: count('passed', 'missed'),
    failed: count('failed'),
    without_copy: count('no_copy'),
    worst_rpo_seconds: worst(rows.map(({ rpo_seconds: value }) => value)),
    worst_rto_seconds: worst(rows.map(({ rto_seconds: value }) => value)),
    rows,
    to_remove: all.flatMap(({ deployment, transfer }) =>
      deployment !== undefined && outcomeOf(statusOf(deployment)) === 'completed'
        ? transfer.instances.map((machine) => ({ machine, deployment_id: deployment.id }))
        : [],
    ),
  };
}

function rowOf(
  { transfer, copyAt, noCopy, deployment, previous, isBusy }: Rehearsed,
  now: number,
  rpoTarget: number | undefined,
  rtoTarget: number | undefined,
  trouble: { readonly count: number; readonly why: string } | undefined,
): DrillRow {
  const outcome = deployment === undefined ? undefined : outcomeOf(statusOf(deployment));
  const rpo = copyAt === null ? null : ageAt(copyAt, deployment?.created_at, now);
  const rto =
    deployment !== undefined && outcome === 'completed'
      ? durationSeconds(deployment.created_at, deployment.updated_at)
      : null;
  const late = [
    ...(rpo !== null && rpoTarget !== undefined && rpo > rpoTarget
      ? [`RPO ${describeSeconds(rpo)} is above ${describeSeconds(rpoTarget)}`]
      : []),
    ...(rto !== null && rtoTarget !== undefined && rto > rtoTarget
      ? [`RTO ${describeSeconds(rto)} is above ${describeSeconds(rtoTarget)}`]
      : []),
  ];
  const failed = trouble !== undefined && trouble.count >= MAX_START_FAILURES;
  const state =
    outcome === 'completed'
      ? late.length > 0
        ? 'missed'
        : 'passed'
      : outcome !== undefined || failed
        ? 'failed'
        : deployment !== undefined
          ? 'deploying'
          : copyAt === null
            ? 'no_copy'
            : 'waiting';
  return {
    transfer_id: transfer.id,
    name: quoteText(transferName(transfer), 100),
    state,
    copy_at: toIsoTime(copyAt),
    rpo_seconds: rpo,
    rto_seconds: rto,
    previous_rto_seconds:
      previous === undefined ? null : durationSeconds(previous.created_at, previous.updated_at),
    deployment_id: deployment?.id ?? null,
    why: reasonOf(state, { noCopy, deployment, late, trouble: trouble?.why, isBusy }),
  };
}

const ageAt = (copyAt: string, at: string | undefined, now: number): number | null => {
  const copied = parseServerTime(copyAt);
  return copied === null ? null : Math.max(0, Math.round(((parseServerTime(at) ?? now) - copied) / 1000));
};

const NO_COPY: Readonly<Record<NoDrillReason, string>> = {
  never_synced: 'no sync of it has completed',
  disks_deleted: 'its copied disks were deleted',
  deployed_without_clones: 'its copied disks went into a deployment without clones',
  live_migration: 'a deployment would use up the licence of this live migration',
};

function reasonOf(
  state: string,
  known: {
    readonly noCopy: NoDrillReason | null;
    readonly deployment: Deployment | undefined;
    readonly late: readonly string[];
    readonly trouble: string | undefined;
    readonly isBusy: boolean;
  },
): string | null {
  switch (state) {
    case 'no_copy':
      return known.noCopy === null ? null : NO_COPY[known.noCopy];
    case 'missed':
      return known.late.join('; ');
    case 'failed': {
      const failure = failureOf(known.deployment?.tasks ?? []);
      if (failure !== null) return `${failure.task_type}: ${failure.message}`;
      return (
        known.trouble ?? (known.deployment === undefined ? null : `it ended as ${statusOf(known.deployment)}`)
      );
    }
    case 'waiting':
      return known.trouble ?? (known.isBusy ? 'something of it is running' : 'others are being deployed');
    default:
      return null;
  }
}
