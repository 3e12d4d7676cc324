/**
 * Facts about an execution or deployment for a change ticket: when the source machines were shut down, which sync a
 * deployment started from, and the ids of the new machines (docs/reference/coriolis-domain.md §5).
 */

import { isObject } from './json';
import { isCompletedSync, mayHaveDeletedDisks } from './last-copy';
import { outcomeOf, taskPhaseOf } from './status';
import { formatIso, parseServerTime } from './timestamps';
import type { Deployment, Execution, Task } from './types';
import { quoteText } from './untrusted-text';

const NAME_LENGTH = 160;
const SHUTDOWN_TASK = 'SHUTDOWN_INSTANCE';

/** Machine that a deployment made on the destination. */
export interface NewMachine {
  readonly instance: string;
  /** Id of the machine on the destination platform. */
  readonly id: string;
}

/** Time at which the last of the source machines was shut down, ISO 8601; null when no task shut one down. */
export function sourceShutDownAt(tasks: readonly Task[]): string | null {
  const ends = tasks
    .filter(({ task_type: type, status }) => type === SHUTDOWN_TASK && taskPhaseOf(status) === 'completed')
    .flatMap(({ updated_at: end }) => parseServerTime(end) ?? []);
  return ends.length === 0 ? null : formatIso(Math.max(...ends));
}

/** Machines that a deployment made and whose ids the provider reported. */
export function readNewMachines({
  transfer_result: result,
}: Pick<Deployment, 'transfer_result'>): readonly NewMachine[] {
  return Object.entries(result ?? {}).flatMap(([instance, machine]) => {
    const id = isObject(machine) ? machine['id'] : undefined;
    return typeof id === 'string' && id !== ''
      ? [{ instance: quoteText(instance, NAME_LENGTH), id: quoteText(id, NAME_LENGTH) }]
      : [];
  });
}

/**
 * Finds the sync whose copy a deployment started from. It is the one that the deployment waited for, else the newest
 * sync that had completed when the deployment was created. Undefined when that sync is not among the executions, or
 * when the disks were deleted between sync and deployment.
 */
export function syncOfDeployment(
  { deployer_id: deployer, created_at: created }: Pick<Deployment, 'deployer_id' | 'created_at'>,
  executions: readonly Execution[],
): Execution | undefined {
  if (typeof deployer === 'string') return executions.find(({ id }) => id === deployer);
  const begun = parseServerTime(created);
  const earlier = executions
    .filter((one) => {
      const ended = parseServerTime(one.updated_at ?? one.created_at);
      return ended !== null && begun !== null && ended <= begun;
    })
    .sort((one, other) => other.number - one.number);
  const newest = earlier.find((one) => isCompletedSync(one) || mayHaveDeletedDisks(one));
  return newest !== undefined && isCompletedSync(newest) ? newest : undefined;
}

/**
 * Sentences about what the API does not show of a completed deployment, and where to look instead; empty when
 * everything is known.
 */
export function describeUnknownFacts(deployment: Deployment, sync: Execution | undefined): readonly string[] {
  if (outcomeOf(deployment.last_execution_status) !== 'completed') return [];
  const known = readNewMachines(deployment).map(({ instance }) => instance);
  const without = deployment.instances.filter(
    (instance) => !known.includes(quoteText(instance, NAME_LENGTH)),
  );
  const isDirect = deployment.transfer_id === null;
  const stopped = sourceShutDownAt((isDirect ? deployment.tasks : sync?.tasks) ?? []);
  return [
    ...(without.length === 0
      ? []
      : [
          `Ids of the new machines ${quoteText(without.join(', '), NAME_LENGTH)}: the provider reported none. Look for them by name on the destination platform.`,
        ]),
    ...(isDirect || sync !== undefined ? [] : [unknownSync(deployment)]),
    ...(stopped !== null || (!isDirect && sync === undefined)
      ? []
      : [
          'When the source machines were shut down: the sync did not do it. See the events of the source platform.',
        ]),
  ];
}

const unknownSync = ({ deployer_id: deployer, created_at: created }: Deployment): string =>
  typeof deployer === 'string'
    ? `The sync it waited for, ${deployer}, was deleted. The log coriolis-conductor tells when it ran.`
    : `Which sync it used: none that completed before ${created} was found. It was deleted or is far back in the list of executions, or the deployment was forced; the log coriolis-conductor tells.`;
