import { isActive, isFinal, purposeOf } from '../model/status';
import { medianSecondsOfSameSyncKind } from '../model/run-statistics';
import type { Coriolis } from '../api/operation-context';
import type { Execution } from '../model/api-objects';
import { fetchOneWithTime } from '../requests/object-requests';
import { executionKeys, MAX_SEARCHED_EXECUTIONS, fetchNewestExecutions } from '../resources/execution';
import { countTransferredMegabytes } from '../model/transferred-megabytes';
import { key, view } from '../vocabulary/result-keys';
import {
  type RunDetails,
  type TimelineDetails,
  runDetailKeys,
  timelineKeys,
  withRunDetails,
} from './run-details';
import { fetchDiskSizes } from './run-disk-sizes';

/** An execution with its progress, failure, timeline and amount of written data. */
export const executionDetailView = view<Execution & RunDetails & TimelineDetails>()({
  ...executionKeys,
  ...runDetailKeys,
  ...timelineKeys,
  transferred_megabytes: key.number(
    'Data written to the disks, where the provider reports it',
    ({ tasks }: Execution) => countTransferredMegabytes(tasks ?? []),
    { nullable: true },
  ),
});

const BYTES_NOT_KNOWN =
  'Bytes over the network: this provider reports none. The traffic of the replication workers is known to their platforms.';

/** Whether an execution is a finished sync whose provider reported no amount of data. */
const hidesBytes = ({ type, status, tasks }: Execution): boolean =>
  purposeOf(type) === 'sync' && isFinal(status) && countTransferredMegabytes(tasks ?? []) === null;

/** Reads an execution with its progress and failure. */
export async function fetchExecutionDetail(
  coriolis: Coriolis,
  transferId: string,
  id: string,
  withTimeline = false,
): Promise<Execution & RunDetails & TimelineDetails> {
  const { object, date } = await fetchOneWithTime(coriolis, 'execution', [transferId, id]);
  // Earlier executions cost a request with all their tasks, and only a running one is compared with them.
  const earlier = isActive(object.status)
    ? await fetchNewestExecutions(coriolis, transferId, MAX_SEARCHED_EXECUTIONS)
    : [];
  const usual = medianSecondsOfSameSyncKind(object, earlier);
  const sizes = await fetchDiskSizes(coriolis, object);
  const detail = withRunDetails(object, date, { usual, sizes }, withTimeline);
  return { ...detail, not_known: withTimeline && hidesBytes(object) ? [BYTES_NOT_KNOWN] : null };
}
