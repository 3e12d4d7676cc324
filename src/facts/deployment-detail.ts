import { isActive, statusOf } from '../model/status';
import type { Coriolis } from '../api/coriolis';
import type { Deployment } from '../model/types';
import { fetchDated } from '../requests/objects';
import { deploymentKeys } from '../resources/deployment';
import { view, key } from '../vocabulary/result-keys';
import {
  type RunDetails,
  type TimelineDetails,
  runDetailKeys,
  timelineKeys,
  withRunDetails,
} from './run-details';
import { findUsualSeconds } from './run-stall';
import { findDiskSizes } from './run-disk-sizes';

/** A deployment with its progress and failure. */
export const deploymentDetailView = view<Deployment & RunDetails & TimelineDetails>()({
  ...deploymentKeys,
  ...runDetailKeys,
  ...timelineKeys,
  deployed_instances: key.texts('Machines that now exist on the destination', deployedInstances, {
    nullable: true,
    untrusted: true,
  }),
});

/** Reads a deployment with its progress and failure, and on request with the server's data about its instances. */
export async function fetchDeploymentDetail(
  coriolis: Coriolis,
  id: string,
  instancesData: boolean,
  withTimeline = false,
): Promise<Deployment & RunDetails & TimelineDetails> {
  const query = { include_task_info: instancesData ? true : undefined };
  const { object, date } = await fetchDated(coriolis, 'deployment', [id], query);
  const usual = isActive(statusOf(object)) ? await findUsualSeconds(coriolis, object) : null;
  const sizes = await findDiskSizes(coriolis, object);
  return withRunDetails(object, date, { usual, sizes }, withTimeline);
}

/** Names of the machines that a deployment has created; null when it has created none. */
export function deployedInstances({ transfer_result: result }: Deployment): readonly string[] | null {
  return result === null || result === undefined ? null : Object.keys(result);
}
