import { isActive, statusOf } from '../model/status';
import {
  readNewMachines,
  sourceShutdownTimeOf,
  findSyncBeforeDeployment,
  describeMissingFacts,
  type NewMachine,
  type SourceSyncSearchResult,
} from '../model/change-ticket-facts';
import { toIsoTime } from '../model/timestamps';
import type { Coriolis } from '../api/operation-context';
import type { Deployment, Execution } from '../model/api-objects';
import { fetchOneWithTime, fetchOptional, fetchPaged } from '../requests/object-requests';
import { deploymentKeys } from '../resources/deployment';
import { view, key } from '../vocabulary/result-keys';
import {
  type RunDetails,
  type TimelineDetails,
  runDetailKeys,
  timelineKeys,
  withRunDetails,
} from './run-details';
import { fetchMedianRunSeconds } from './fetch-stall-facts';
import { fetchDiskSizes } from './run-disk-sizes';

/** Keys of a machine that a deployment made. */
export const newMachineKeys = {
  instance: key.text('Machine', { untrusted: true }),
  id: key.text('Id on the destination', { untrusted: true }),
};

/** The sync that a deployment started from. */
export interface SourceSync {
  readonly id: string;
  readonly number: number;
  readonly started_at: string | null;
  readonly finished_at: string | null;
}

type DeploymentDetail = Deployment &
  RunDetails &
  TimelineDetails & { readonly source_sync: SourceSync | null };

/** A deployment with its progress, failure, timeline and new machines. */
export const deploymentDetailView = view<DeploymentDetail>()({
  ...deploymentKeys,
  ...runDetailKeys,
  ...timelineKeys,
  source_sync: key.object(
    'With a timeline: the sync whose copy was deployed; null when unknown',
    {
      id: key.text('Execution id'),
      number: key.number('Number of the execution'),
      started_at: key.time('Start of the sync, from which the age of the data counts', { nullable: true }),
      finished_at: key.time('End', { nullable: true }),
    },
    { nullable: true },
  ),
  deployed_instances: key.texts('Machines that now exist on the destination', namesOfDeployedMachines, {
    nullable: true,
    untrusted: true,
  }),
  deployed_machines: key.rows(
    'New machines with their ids on the destination',
    newMachineKeys,
    deployedMachinesOf,
    {
      nullable: true,
    },
  ),
});

/**
 * Reads a deployment with its progress and failure.
 *
 * @param instancesData whether to read the server's data about its machines too
 * @param withTimeline whether to add the times of its phases and the sync that it started from
 */
export async function fetchDeploymentDetail(
  coriolis: Coriolis,
  id: string,
  instancesData: boolean,
  withTimeline = false,
): Promise<DeploymentDetail> {
  const query = { include_task_info: instancesData ? true : undefined };
  const { object, date } = await fetchOneWithTime(coriolis, 'deployment', [id], query);
  const usual = isActive(statusOf(object)) ? await fetchMedianRunSeconds(coriolis, object) : null;
  const sizes = await fetchDiskSizes(coriolis, object);
  const detail = withRunDetails(object, date, { usual, sizes }, withTimeline);
  if (!withTimeline) return { ...detail, source_sync: null };
  const search = await findSourceSync(coriolis, object);
  const unknown = describeMissingFacts(object, search);
  const sync = search?.sync;
  return {
    ...detail,
    source_sync: sync === undefined ? null : describeSync(sync),
    source_shut_down_at: detail.source_shut_down_at ?? sourceShutdownTimeOf(sync?.tasks ?? []),
    not_known: unknown.length === 0 ? null : unknown,
  };
}

/** Number of executions in a page. It is small because each execution comes with all its tasks. */
const PAGE = 20;
/** Maximum number of executions that are searched for the sync of a deployment. */
const MAX_SEARCHED = 200;

/** Finds the sync whose copy a deployment started; null for a direct migration, which has none. */
async function findSourceSync(
  coriolis: Coriolis,
  deployment: Deployment,
): Promise<SourceSyncSearchResult | null> {
  const { transfer_id: transferId, deployer_id: deployer } = deployment;
  if (transferId === null) return null;
  if (typeof deployer === 'string') {
    const sync = await fetchOptional(coriolis, 'execution', [transferId, deployer]);
    return sync === undefined ? { sync, reason: 'deleted' } : { sync, reason: null };
  }
  const executions: Execution[] = [];
  // One more is read, which shows whether there are older ones.
  const limit = MAX_SEARCHED + 1;
  for await (const one of fetchPaged(coriolis, 'execution', [transferId], { pageSize: PAGE, limit })) {
    if (executions.length === MAX_SEARCHED) {
      return { sync: undefined, reason: 'not_searched', read: executions.length };
    }
    executions.push(one);
    const found = findSyncBeforeDeployment(deployment, executions);
    if (found !== undefined) return found;
  }
  return { sync: undefined, reason: 'deleted' };
}

const describeSync = ({ id, number, created_at: begun, updated_at: ended }: Execution): SourceSync => ({
  id,
  number,
  started_at: toIsoTime(begun),
  finished_at: toIsoTime(ended),
});

/** Names of the machines that a deployment has created; null when it has created none. */
export function namesOfDeployedMachines({ transfer_result: result }: Deployment): readonly string[] | null {
  return result === null || result === undefined ? null : Object.keys(result);
}

/** The machines that a deployment made, with their ids; null when none is known. */
export function deployedMachinesOf(deployment: Deployment): readonly NewMachine[] | null {
  const machines = readNewMachines(deployment);
  return machines.length === 0 ? null : machines;
}
