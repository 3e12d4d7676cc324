/**
 * Facts about an execution or deployment for a change ticket: when the source machines were shut down, which sync a
 * deployment started from, and the ids of the new machines (docs/reference/coriolis-domain.md §5).
 */

import { isObject } from './json';
import { isCompletedSync, mayHaveDeletedDisks } from './last-copy';
import { outcomeOf, taskPhaseOf } from './status';
import { formatIsoTime, parseServerTime, toIsoTime } from './timestamps';
import type { Deployment, Execution, Task } from './api-objects';
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
export function sourceShutdownTimeOf(tasks: readonly Task[]): string | null {
  const ends = tasks
    .filter(({ task_type: type, status }) => type === SHUTDOWN_TASK && taskPhaseOf(status) === 'completed')
    .flatMap(({ updated_at: end }) => parseServerTime(end) ?? []);
  return ends.length === 0 ? null : formatIsoTime(Math.max(...ends));
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
 * Sync that a deployment started from, or why it is not known. `disks_deleted`: the disks were deleted between sync and
 * deployment. `not_searched`: older executions were not read.
 */
export type SourceSyncSearchResult =
  | { readonly sync: Execution; readonly reason: null }
  | { readonly sync: undefined; readonly reason: 'disks_deleted' | 'deleted' }
  | {
      readonly sync: undefined;
      readonly reason: 'not_searched';
      /** Number of executions that were read. */
      readonly read: number;
    };

/**
 * Finds the sync whose copy a deployment started from: the newest one that had completed when the deployment was
 * created. Undefined when these executions cannot tell, because the sync is older than all of them.
 */
export function findSyncBeforeDeployment(
  { created_at: created }: Pick<Deployment, 'created_at'>,
  executions: readonly Execution[],
): Exclude<SourceSyncSearchResult, { reason: 'not_searched' }> | undefined {
  const begun = parseServerTime(created);
  const earlier = executions
    .filter((one) => {
      const ended = parseServerTime(one.updated_at ?? one.created_at);
      return ended !== null && begun !== null && ended <= begun;
    })
    .sort((one, other) => other.number - one.number);
  const newest = earlier.find((one) => isCompletedSync(one) || mayHaveDeletedDisks(one));
  if (newest === undefined) return undefined;
  return isCompletedSync(newest)
    ? { sync: newest, reason: null }
    : { sync: undefined, reason: 'disks_deleted' };
}

/**
 * Sentences about what the API does not show of a completed deployment, and where to look instead; empty when
 * everything is known.
 * @param search null for a direct migration, which has no sync
 */
export function describeMissingFacts(
  deployment: Deployment,
  search: SourceSyncSearchResult | null,
): readonly string[] {
  if (outcomeOf(deployment.last_execution_status) !== 'completed') return [];
  const known = readNewMachines(deployment).map(({ instance }) => instance);
  const without = deployment.instances.filter(
    (instance) => !known.includes(quoteText(instance, NAME_LENGTH)),
  );
  const stopped = sourceShutdownTimeOf((search === null ? deployment.tasks : search.sync?.tasks) ?? []);
  return [
    ...(without.length === 0
      ? []
      : [
          `Ids of the new machines ${quoteText(without.join(', '), NAME_LENGTH)}: the provider reported none. Look for them by name on the destination platform.`,
        ]),
    ...(search === null || search.reason === null ? [] : [describeUnknownSync(deployment, search)]),
    ...(stopped !== null || (search !== null && search.reason !== null)
      ? []
      : [
          'When the source machines were shut down: the sync did not do it. See the events of the source platform.',
        ]),
  ];
}

/** Says why the sync of a deployment is not known, and where to look instead. */
function describeUnknownSync(
  { deployer_id: deployer, created_at: created, transfer_id: transfer }: Deployment,
  search: Exclude<SourceSyncSearchResult, { reason: null }>,
): string {
  const begun = toIsoTime(created) ?? created;
  if (search.reason === 'not_searched') {
    return `The sync that was deployed: only the newest ${search.read} executions were searched, and none of them is a completed sync that ended before the deployment began, ${begun}. List the executions of transfer ${transfer ?? ''} further back: the sync is the last completed transfer_execution before that time.`;
  }
  if (search.reason === 'disks_deleted') {
    return `The sync that was deployed: the disks were deleted before the deployment began, ${begun}, so the deployment was forced. See the log coriolis-conductor.`;
  }
  return typeof deployer === 'string'
    ? `The sync for which the deployment waited, ${deployer}, was deleted. The log coriolis-conductor shows when it ran.`
    : `The sync that was deployed: no execution that completed before ${begun} is left. The sync was deleted, or the deployment was forced; see the log coriolis-conductor.`;
}
