import { medianSecondsOfSameSyncKind } from '../../model/run-statistics';
import { isObject } from '../../model/json';
import { computeStallFacts, describeStall } from '../../model/stall-facts';
import { isActive, outcomeOf, statusLabelOf } from '../../model/status';
import { describeSeconds, parseServerTime } from '../../model/timestamps';
import type { Transfer } from '../../model/api-objects';
import { quoteText } from '../../model/untrusted-text';
import { withoutOrphanedRuns } from '../migration/next-step';
import {
  makeBlockingCheck,
  makeOkCheck,
  makeWarningCheck,
  type PreflightCheck,
  type PreflightSituation,
} from './preflight-check';

/** Subject of the check that copied disks exist. */
export const COPIED_DISKS_CHECK = 'copied disks';
/** Subject of the check that nothing of the transfer is running. */
export const RUNNING_WORK_CHECK = 'running work';
/** Subject of the warning that the latest execution failed. */
export const LATEST_EXECUTION_CHECK = 'latest execution';
/** Subject of the warning that the latest deployment failed. */
export const LATEST_DEPLOYMENT_CHECK = 'latest deployment';

/** Age in milliseconds from which a copy counts as old, and up to which a deployment counts as recent. */
const OLD_MS = 24 * 3_600_000;

/** Checks that no run of the transfer is active, and how earlier runs ended (docs/reference/coriolis-domain.md §8). */
export function checkRuns(situation: PreflightSituation): readonly PreflightCheck[] {
  return [
    checkBusy(situation),
    ...(situation.purpose === 'deployment' ? checkDisks(situation) : checkLatest(situation)),
  ];
}

function checkBusy({ executions, deployments, now }: PreflightSituation): PreflightCheck {
  const execution = executions.find(({ status }) => isActive(status));
  if (execution !== undefined) {
    const { id, status } = execution;
    const usual = medianSecondsOfSameSyncKind(execution, executions);
    const stall = computeStallFacts(execution, now, usual);
    const state = `Execution ${id} is ${statusLabelOf(status)}`;
    return makeBlockingCheck(
      RUNNING_WORK_CHECK,
      stall.stalled_seconds === null
        ? `${state}: wait for it.`
        : `${state}, but stands still. ${describeStall(stall, stall.stalled_seconds, usual)} Diagnose it.`,
    );
  }
  const deployment = deployments.find(({ last_execution_status: status }) => isActive(status));
  if (deployment !== undefined)
    return makeBlockingCheck(RUNNING_WORK_CHECK, `Deployment ${deployment.id} is running: wait for it.`);
  const pending = deployments.find(({ last_execution_status: status }) => status === 'PENDING');
  return pending === undefined
    ? makeOkCheck(RUNNING_WORK_CHECK, 'Nothing of the transfer is running.')
    : makeWarningCheck(RUNNING_WORK_CHECK, `Deployment ${pending.id} waits for its execution.`);
}

/** Warns when the newest execution failed, because the next one may fail the same way. */
function checkLatest({ executions, now }: PreflightSituation): readonly PreflightCheck[] {
  const [latest] = withoutOrphanedRuns(executions, now);
  return latest !== undefined && outcomeOf(latest.status) === 'failed'
    ? [
        makeWarningCheck(
          LATEST_EXECUTION_CHECK,
          `Execution ${latest.id} failed (${latest.status}): diagnose it first.`,
        ),
      ]
    : [];
}

/** Reasons why there are no copied disks, as beginnings of sentences. */
const NO_COPY = {
  never_synced: 'No sync has completed yet',
  disks_deleted: 'The copied disks were deleted after the last completed sync',
  deployed_without_clones: 'A deployment without clones has used the copied disks up',
} as const;

/** Checks that the transfer has copied disks, and how old they are. */
function checkDisks(situation: PreflightSituation): readonly PreflightCheck[] {
  const { transfer, lastCopy, executions: all, now } = situation;
  const executions = withoutOrphanedRuns(all, now);
  const missing = machinesWithoutVolumes(transfer);
  if (lastCopy?.copy === null) {
    return [
      makeBlockingCheck(COPIED_DISKS_CHECK, `${NO_COPY[lastCopy.reason]}: execute the transfer first.`),
    ];
  }
  if (missing.length > 0) {
    return [
      makeBlockingCheck(
        COPIED_DISKS_CHECK,
        `The server knows no copied disks of ${missing.map((name) => quoteText(name, 60)).join(', ')}: execute the transfer first.`,
      ),
    ];
  }
  if (lastCopy === undefined) {
    return [
      makeWarningCheck(
        COPIED_DISKS_CHECK,
        'There are too many executions without a completed sync to tell its age.',
      ),
    ];
  }
  const sync = executions.find(({ id }) => id === lastCopy.copy.executionId);
  const ended = sync?.updated_at ?? lastCopy.copy.at;
  const age = now - (parseServerTime(lastCopy.copy.at) ?? now);
  const words = `The last usable copy is ${describeSeconds(Math.max(0, age / 1000))} old.`;
  return [
    age > OLD_MS
      ? makeWarningCheck(COPIED_DISKS_CHECK, `${words} Later changes are missing.`)
      : makeOkCheck(COPIED_DISKS_CHECK, words),
    ...checkFailuresSince(situation, lastCopy.copy.executionId, ended),
    ...checkEarlierDeployments(situation),
  ];
}

/**
 * Machines that have no copied disks by the server's own data. The server checks the same before a deployment. Empty
 * where the server does not show these data.
 */
function machinesWithoutVolumes({ info, instances }: Transfer): readonly string[] {
  if (!isObject(info) || Object.keys(info).length === 0) return [];
  return instances.filter((name) => {
    const machine = info[name];
    const volumes: unknown = isObject(machine) ? machine['volumes_info'] : undefined;
    return !Array.isArray(volumes) || volumes.length === 0;
  });
}

/**
 * Warns of an execution or deployment that failed after the last completed sync.
 *
 * @param syncId id of that sync
 * @param ended end of that sync, as the server writes times
 */
function checkFailuresSince(
  { executions: all, deployments, now }: PreflightSituation,
  syncId: string,
  ended: string,
): readonly PreflightCheck[] {
  const [latest] = withoutOrphanedRuns(all, now);
  const [newest] = withoutOrphanedRuns(deployments, now);
  const checks: PreflightCheck[] = [];
  if (latest !== undefined && latest.id !== syncId && outcomeOf(latest.status) === 'failed')
    checks.push(
      makeWarningCheck(
        LATEST_EXECUTION_CHECK,
        `Execution ${latest.id} failed after the last sync: diagnose it.`,
      ),
    );
  if (
    newest !== undefined &&
    outcomeOf(newest.last_execution_status) === 'failed' &&
    (newest.updated_at ?? newest.created_at) > ended
  )
    checks.push(
      makeWarningCheck(
        LATEST_DEPLOYMENT_CHECK,
        `Deployment ${newest.id} failed after the last sync: diagnose it first.`,
      ),
    );
  return checks;
}

/** Warns of a recently completed deployment, because another one would create a second set of the machines. */
function checkEarlierDeployments({ deployments, now }: PreflightSituation): readonly PreflightCheck[] {
  const moved = deployments.find(({ last_execution_status: status }) => status === 'COMPLETED');
  if (moved === undefined) return [];
  const since = now - (parseServerTime(moved.updated_at ?? moved.created_at) ?? 0);
  return [
    ...(since < OLD_MS
      ? [
          makeWarningCheck(
            'earlier deployment',
            `Deployment ${moved.id} completed ${describeSeconds(Math.max(0, since / 1000))} ago: another one makes a second set of machines.`,
          ),
        ]
      : []),
  ];
}
