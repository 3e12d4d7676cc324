import { isActive, outcomeOf, purposeOf, statusLabel } from '../../model/status';
import { describeSeconds, parseTime } from '../../model/timing';
import type { Execution } from '../../model/types';
import { withoutOrphans } from '../migration/step';
import { blocking, ok, warning } from './check';
import type { Check, Situation } from './check';

/** Subject of the check for copied disks. */
export const COPIED_DISKS = 'copied disks';

const OLD_MS = 24 * 3_600_000;

/** Checks running work, and the copied disks of earlier runs (docs/reference/coriolis-domain.md §8). */
export function checkRuns(situation: Situation): readonly Check[] {
  return [checkBusy(situation), ...(situation.purpose === 'deployment' ? checkDisks(situation) : [])];
}

function checkBusy({ executions, deployments }: Situation): Check {
  const execution = executions.find(({ status }) => isActive(status));
  if (execution !== undefined)
    return blocking(
      'running work',
      `Execution ${execution.id} is ${statusLabel(execution.status)}: wait for it.`,
    );
  const deployment = deployments.find(({ last_execution_status: status }) => isActive(status));
  if (deployment !== undefined)
    return blocking('running work', `Deployment ${deployment.id} is running: wait for it.`);
  const pending = deployments.find(({ last_execution_status: status }) => status === 'PENDING');
  return pending === undefined
    ? ok('running work', 'Nothing of the transfer is running.')
    : warning('running work', `Deployment ${pending.id} waits for its execution.`);
}

/** Checks that copied disks exist, and their age. */
function checkDisks({ transfer, executions: all, deployments, now }: Situation): readonly Check[] {
  const executions = withoutOrphans(all, now);
  const done =
    (purpose: string) =>
    ({ type, status }: Execution) =>
      purposeOf(type) === purpose && status === 'COMPLETED';
  const sync = executions.find(done('sync'));
  const emptied = executions.find(done('disks_delete'));
  const isGone = sync !== undefined && emptied !== undefined && emptied.number > sync.number;
  if (sync === undefined || isGone) {
    return [
      blocking(
        COPIED_DISKS,
        isGone
          ? 'The copied disks were deleted after the last completed sync: execute the transfer first.'
          : 'No sync has completed yet: execute the transfer first.',
      ),
    ];
  }
  const ended = sync.updated_at ?? sync.created_at;
  // A deployment without clones turns the disks into those of the new machine.
  const consumed = deployments.find(
    ({ clone_disks: cloned, last_execution_status: status, created_at: created }) =>
      cloned === false && status === 'COMPLETED' && created > ended,
  );
  if (consumed !== undefined) {
    return [
      blocking(
        COPIED_DISKS,
        `Deployment ${consumed.id} has used the copied disks up: execute the transfer first.`,
      ),
    ];
  }
  const age = now - (parseTime(ended) ?? now);
  const words = `The last completed sync is ${describeSeconds(Math.max(0, age / 1000))} old.`;
  const latest = executions[0];
  const checks = [
    age > OLD_MS ? warning(COPIED_DISKS, `${words} Later changes are missing.`) : ok(COPIED_DISKS, words),
  ];
  if (latest !== undefined && latest.id !== sync.id && outcomeOf(latest.status) === 'failed')
    checks.push(warning('latest execution', `Execution ${latest.id} failed after that sync: diagnose it.`));
  const [newest] = withoutOrphans(deployments, now);
  if (
    newest !== undefined &&
    outcomeOf(newest.last_execution_status) === 'failed' &&
    (newest.updated_at ?? newest.created_at) > ended
  )
    checks.push(
      warning('latest deployment', `Deployment ${newest.id} failed after that sync: diagnose it first.`),
    );
  const moved = deployments.find(({ last_execution_status: status }) => status === 'COMPLETED');
  if (moved === undefined) return checks;
  if (transfer.scenario === 'live_migration')
    checks.push(warning('licence', `Deployment ${moved.id} has completed this live migration already.`));
  const since = now - (parseTime(moved.updated_at ?? moved.created_at) ?? 0);
  if (since < OLD_MS)
    checks.push(
      warning(
        'earlier deployment',
        `Deployment ${moved.id} completed ${describeSeconds(Math.max(0, since / 1000))} ago: another one makes a second set of machines.`,
      ),
    );
  return checks;
}
