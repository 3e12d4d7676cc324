import { isActive } from '../model/status';
import { usualSecondsOfSimilar } from '../model/run-history';
import type { Coriolis } from '../api/coriolis';
import type { Execution } from '../model/types';
import { fetchDated } from '../requests/objects';
import { executionKeys, MAX_SEARCHED_EXECUTIONS, latestExecutions } from '../resources/execution';
import { view } from '../vocabulary/result-keys';
import {
  type RunDetails,
  type TimelineDetails,
  runDetailKeys,
  timelineKeys,
  withRunDetails,
} from './run-details';
import { findDiskSizes } from './run-disk-sizes';

/** An execution with its progress and failure. */
export const executionDetailView = view<Execution & RunDetails & TimelineDetails>()({
  ...executionKeys,
  ...runDetailKeys,
  ...timelineKeys,
});

/** Reads an execution with its progress and failure. */
export async function fetchExecutionDetail(
  coriolis: Coriolis,
  transferId: string,
  id: string,
  withTimeline = false,
): Promise<Execution & RunDetails & TimelineDetails> {
  const { object, date } = await fetchDated(coriolis, 'execution', [transferId, id]);
  // Only a running execution is compared with earlier ones, because these cost a request with all their tasks.
  const earlier = isActive(object.status)
    ? await latestExecutions(coriolis, transferId, MAX_SEARCHED_EXECUTIONS)
    : [];
  const usual = usualSecondsOfSimilar(object, earlier);
  const sizes = await findDiskSizes(coriolis, object);
  return withRunDetails(object, date, { usual, sizes }, withTimeline);
}
