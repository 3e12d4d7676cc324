import { failureOf } from '../../model/failure';
import { transferName } from '../../model/names';
import { outcomeOf, statusOf } from '../../model/status';
import {
  describeSeconds,
  durationSeconds,
  formatIso,
  parseServerTime,
  toIsoTime,
} from '../../model/timestamps';
import type { Deployment } from '../../model/types';
import { quoteText } from '../../model/untrusted';
import type { DrillSnapshot } from './drill-observer';
import type { NoDrillReason, Rehearsal } from './rehearsal';

/** Longest RPO and RTO that pass; undefined means any. */
export interface DrillTargets {
  readonly rpoTargetSeconds: number | undefined;
  readonly rtoTargetSeconds: number | undefined;
}

/** Failure to deploy a transfer. */
export interface StartFailure {
  readonly why: string;
  /** Whether the drill has given up on the transfer. */
  readonly isFinal: boolean;
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

/** Computes the result of a drill from the state of its transfers and the failures to deploy them. */
export function drillOf(
  { rehearsals, since, now }: DrillSnapshot,
  { rpoTargetSeconds, rtoTargetSeconds }: DrillTargets,
  failures: ReadonlyMap<string, StartFailure>,
): Drill {
  const rows = rehearsals.map((one) =>
    rowOf(one, now, rpoTargetSeconds, rtoTargetSeconds, failures.get(one.transfer.id)),
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
    to_remove: rehearsals.flatMap(({ deployment, transfer }) =>
      deployment !== undefined && outcomeOf(statusOf(deployment)) === 'completed'
        ? transfer.instances.map((machine) => ({ machine, deployment_id: deployment.id }))
        : [],
    ),
  };
}

function rowOf(
  { transfer, copyAt, noCopy, deployment, previous, isBusy }: Rehearsal,
  now: number,
  rpoTarget: number | undefined,
  rtoTarget: number | undefined,
  startFailure: StartFailure | undefined,
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
  const state =
    outcome === 'completed'
      ? late.length > 0
        ? 'missed'
        : 'passed'
      : outcome !== undefined || startFailure?.isFinal === true
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
    why: reasonOf(state, { noCopy, deployment, late, startFailure: startFailure?.why, isBusy }),
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
    readonly startFailure: string | undefined;
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
        known.startFailure ??
        (known.deployment === undefined ? null : `it ended as ${statusOf(known.deployment)}`)
      );
    }
    case 'waiting':
      return (
        known.startFailure ?? (known.isBusy ? 'something of it is running' : 'others are being deployed')
      );
    default:
      return null;
  }
}
