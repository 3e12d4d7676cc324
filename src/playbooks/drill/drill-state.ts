import { failedTaskOf } from '../../model/failed-task';
import { displayNameOf } from '../../model/display-texts';
import { outcomeOf, statusOf } from '../../model/status';
import {
  describeSeconds,
  secondsBetween,
  formatIsoTime,
  parseServerTime,
  toIsoTime,
} from '../../model/timestamps';
import type { Deployment } from '../../model/api-objects';
import { quoteText } from '../../model/untrusted-text';
import { key, view } from '../../vocabulary/result-keys';
import type { DrillSnapshot } from './drill-observer';
import type { NoDrillReason, Rehearsal } from './rehearsal';

/** Maximum RPO and RTO of a drill; undefined for no limit. */
export interface DrillTargets {
  readonly rpoTargetSeconds: number | undefined;
  readonly rtoTargetSeconds: number | undefined;
}

/** Failure to start the deployment of a transfer. */
export interface DeploymentStartFailure {
  readonly why: string;
  /** Whether the drill makes no further attempt. */
  readonly isFinal: boolean;
}

/** A transfer of a drill with its RPO, RTO and state. */
export interface AssessedRehearsal extends Rehearsal {
  readonly rpoSeconds: number | null;
  readonly rtoSeconds: number | null;
  /** State in the drill: waiting, deploying, passed, missed (a target), failed or no_copy. */
  readonly state: string;
  /** Reason of the state; null when it needs none. */
  readonly why: string | null;
}

/** State of a drill at one moment. */
export interface DrillState extends Pick<DrillSnapshot, 'since' | 'now'> {
  readonly rehearsals: readonly AssessedRehearsal[];
}

/** Counts the transfers that are in one of the given states. */
export const countRehearsalsInStates = ({ rehearsals }: DrillState, ...states: readonly string[]): number =>
  rehearsals.filter(({ state }) => states.includes(state)).length;

function outcomeOfDrill(drill: DrillState): string {
  if (countRehearsalsInStates(drill, 'waiting', 'deploying') > 0) return 'going_on';
  return countRehearsalsInStates(drill, 'failed', 'missed', 'no_copy') > 0 ? 'failed' : 'passed';
}

const largest = (values: ReadonlyArray<number | null>): number | null => {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
};

/** Machines that the drill has deployed on the destination. A user must remove them there. */
const clonesIn = ({ rehearsals }: DrillState) =>
  rehearsals.flatMap(({ deployment, transfer }) =>
    deployment !== undefined && outcomeOf(statusOf(deployment)) === 'completed'
      ? transfer.instances.map((machine) => ({ machine, deployment_id: deployment.id }))
      : [],
  );

/** Result view of a drill. A later call with the `since` of the result continues or reports the drill. */
export const drillView = view<DrillState>()({
  since: key.time(
    'Start of the drill; pass it as `since` to continue or report the drill',
    ({ since }: DrillState) => formatIsoTime(since),
  ),
  as_of: key.time('Time of this result, by the server’s clock', ({ now }: DrillState) => formatIsoTime(now)),
  outcome: key.text('passed, failed or going_on', outcomeOfDrill),
  transfers: key.number('Transfers in the group', ({ rehearsals }: DrillState) => rehearsals.length),
  deployed: key.number('Transfers whose clones are deployed', (drill: DrillState) =>
    countRehearsalsInStates(drill, 'passed', 'missed'),
  ),
  failed: key.number('Transfers whose deployment failed', (drill: DrillState) =>
    countRehearsalsInStates(drill, 'failed'),
  ),
  without_copy: key.number('Transfers without a usable copy', (drill: DrillState) =>
    countRehearsalsInStates(drill, 'no_copy'),
  ),
  worst_rpo_seconds: key.number(
    'Age of the oldest copy',
    ({ rehearsals }: DrillState) => largest(rehearsals.map(({ rpoSeconds }) => rpoSeconds)),
    { nullable: true },
  ),
  worst_rto_seconds: key.number(
    'Duration of the longest deployment',
    ({ rehearsals }: DrillState) => largest(rehearsals.map(({ rtoSeconds }) => rtoSeconds)),
    { nullable: true },
  ),
  rows: key.rows(
    'Transfers',
    {
      transfer_id: key.text('Transfer', ({ transfer }: AssessedRehearsal) => transfer.id),
      name: key.text(
        'Notes, else the machines',
        ({ transfer }: AssessedRehearsal) => quoteText(displayNameOf(transfer), 100),
        { untrusted: true },
      ),
      state: key.text('passed, missed (a target), failed, no_copy, waiting or deploying'),
      copy_at: key.time(
        'Start of the sync that was deployed',
        ({ copyAt }: AssessedRehearsal) => toIsoTime(copyAt),
        { nullable: true },
      ),
      rpo_seconds: key.number(
        'Age of the copy that was deployed',
        ({ rpoSeconds }: AssessedRehearsal) => rpoSeconds,
        {
          nullable: true,
        },
      ),
      rto_seconds: key.number(
        'Duration of the deployment',
        ({ rtoSeconds }: AssessedRehearsal) => rtoSeconds,
        { nullable: true },
      ),
      previous_rto_seconds: key.number(
        'Duration of the previous deployment',
        ({ previousDeployment }: AssessedRehearsal) =>
          previousDeployment && secondsBetween(previousDeployment.created_at, previousDeployment.updated_at),
        { nullable: true },
      ),
      deployment_id: key.text('Deployment', ({ deployment }: AssessedRehearsal) => deployment?.id, {
        nullable: true,
      }),
      why: key.text('Reason of the state', { nullable: true, untrusted: true }),
    },
    ({ rehearsals }: DrillState) => rehearsals,
  ),
  to_remove: key.rows(
    'Clones on the destination to remove afterwards',
    {
      machine: key.text('Machine', { untrusted: true }),
      deployment_id: key.text('Deployment that made the clone'),
    },
    clonesIn,
  ),
});

/**
 * Computes the state of a drill from its transfers.
 *
 * @param failures failures to start a deployment, by transfer id
 */
export const computeDrillState = (
  { rehearsals, since, now }: DrillSnapshot,
  targets: DrillTargets,
  failures: ReadonlyMap<string, DeploymentStartFailure>,
): DrillState => ({
  since,
  now,
  rehearsals: rehearsals.map((one) => assessRehearsal(one, now, targets, failures.get(one.transfer.id))),
});

function assessRehearsal(
  rehearsal: Rehearsal,
  now: number,
  { rpoTargetSeconds: rpoTarget, rtoTargetSeconds: rtoTarget }: DrillTargets,
  startFailure: DeploymentStartFailure | undefined,
): AssessedRehearsal {
  const { copyAt, noDrillReason, deployment, isBusy } = rehearsal;
  const outcome = deployment === undefined ? undefined : outcomeOf(statusOf(deployment));
  const rpo = copyAt === null ? null : ageAt(copyAt, deployment?.created_at, now);
  const rto =
    deployment !== undefined && outcome === 'completed'
      ? secondsBetween(deployment.created_at, deployment.updated_at)
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
    ...rehearsal,
    rpoSeconds: rpo,
    rtoSeconds: rto,
    state,
    why: reasonOf(state, {
      noCopy: noDrillReason,
      deployment,
      late,
      startFailure: startFailure?.why,
      isBusy,
    }),
  };
}

/** Age in seconds that a copy had at `at`; at `now` (milliseconds since 1970) when `at` is undefined. */
const ageAt = (copyAt: string, at: string | undefined, now: number): number | null => {
  const copied = parseServerTime(copyAt);
  return copied === null ? null : Math.max(0, Math.round(((parseServerTime(at) ?? now) - copied) / 1000));
};

/** Reasons why a transfer is not deployed in a drill, in words. */
const NO_COPY: Readonly<Record<NoDrillReason, string>> = {
  never_synced: 'no sync of it has completed',
  disks_deleted: 'its copied disks were deleted',
  deployed_without_clones: 'its copied disks went into a deployment without clones',
  cutover_begun: 'its source is off: it is being cut over, and its deployment is no rehearsal',
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
      const failure = failedTaskOf(known.deployment?.tasks ?? []);
      if (failure !== null) return `${failure.task_type}: ${failure.message}`;
      return (
        known.startFailure ??
        (known.deployment === undefined ? null : `it ended as ${statusOf(known.deployment)}`)
      );
    }
    case 'waiting':
      return (
        known.startFailure ?? (known.isBusy ? 'a run of the transfer is active' : 'others are being deployed')
      );
    default:
      return null;
  }
}

/** Result of a drill in a few words. */
export const drillHeadline = ({
  outcome,
  deployed,
  transfers,
}: Readonly<{ outcome: string; deployed: number; transfers: number }>): string =>
  `${outcome.replace('_', ' ')}: ${deployed} of ${transfers} deployed`;
