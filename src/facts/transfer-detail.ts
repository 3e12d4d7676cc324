import type { Coriolis } from '../api/operation-context';
import { medianSecondsOfSameSyncKind } from '../model/run-statistics';
import { combineScheduleStates, type CombinedScheduleState } from '../model/schedule';
import { computeStallFacts } from '../model/stall-facts';
import { isActive } from '../model/status';
import type { Execution, Transfer } from '../model/api-objects';
import { fetchOneWithTime } from '../requests/object-requests';
import { executionKeys, fetchNewestExecutions } from '../resources/execution';
import {
  fetchSchedulesIfReadable,
  nextExecutionTimesOf,
  scheduleView,
  withObservedAt,
  type ObservedSchedule,
} from '../resources/schedule';
import { transferKeys } from '../resources/transfer';
import { view, pickShape, key } from '../vocabulary/result-keys';
import type { LastCopyFacts } from '../model/last-copy';
import { makeLastCopyFacts, fetchLastCopy, lastCopyKeys } from './fetch-last-copies';
import {
  fetchTransferDeployments,
  transferDeploymentKeys,
  type TransferDeployments,
} from './transfer-deployments';

/** Names of the endpoints of a transfer; null for an endpoint that was deleted or cannot be read. */
export interface EndpointNames {
  readonly origin_endpoint_name: string | null;
  readonly destination_endpoint_name: string | null;
}

const endpointNameKeys = {
  origin_endpoint_name: key.text('Its name', { nullable: true, untrusted: true }),
  destination_endpoint_name: key.text('Its name', { nullable: true, untrusted: true }),
};

/** A transfer as one row of a list, with its last usable copy. */
export const transferRowWithCopyView = view<Transfer & LastCopyFacts & EndpointNames>()({
  ...pickShape(
    transferKeys,
    'id',
    'name',
    'scenario',
    'status',
    'instances',
    'origin_endpoint_id',
    'destination_endpoint_id',
    'created_at',
    'updated_at',
  ),
  ...endpointNameKeys,
  ...lastCopyKeys,
});

/** A transfer with its last usable copy, its schedules, its latest executions and its newest deployments. */
export interface TransferDetail extends Transfer, LastCopyFacts, TransferDeployments {
  readonly schedule: CombinedScheduleState | null;
  readonly schedules: readonly ObservedSchedule[] | null;
  readonly executions: readonly Execution[];
  /** Seconds without progress of the execution that is at work; null unless it is stalled. */
  readonly stalled_seconds: number | null;
}

export const transferDetailView = view<TransferDetail & EndpointNames>()({
  ...transferKeys,
  ...endpointNameKeys,
  ...lastCopyKeys,
  ...transferDeploymentKeys,
  schedule: key.text('State of the schedules of the transfer: enabled, expired, disabled or none', {
    nullable: true,
  }),
  schedules: key.rows(
    'Schedules of the transfer; null when they cannot be read',
    {
      ...pickShape(scheduleView.shape, 'id', 'when', 'enabled', 'expires_at'),
      next_run_at: key.text(
        'Next run, UTC; null while disabled or expired',
        (one: ObservedSchedule) => nextExecutionTimesOf(one, 1)[0],
        {
          nullable: true,
        },
      ),
    },
    ({ schedules }: TransferDetail) => schedules,
    { nullable: true },
  ),
  stalled_seconds: key.number(
    'Seconds without progress of the running execution; null unless it is stalled',
    {
      nullable: true,
    },
  ),
  executions: key.rows(
    'Latest executions, newest first',
    executionKeys,
    ({ executions }: TransferDetail) => executions,
  ),
});

/**
 * Reads a transfer with its ten latest executions, its newest deployments, its last usable copy and its schedules.
 * @param instancesData whether to include the server's data about each instance (docs/reference/coriolis-api.md §5:
 * from 1.1.9 on)
 */
export async function fetchTransferDetail(
  coriolis: Coriolis,
  id: string,
  instancesData: boolean,
): Promise<TransferDetail> {
  const query = { include_task_info: instancesData ? true : undefined };
  const { object } = await fetchOneWithTime(coriolis, 'transfer', [id], query);
  const executions = await fetchNewestExecutions(coriolis, id, 10);
  const copy = await fetchLastCopy(coriolis, object, executions);
  const { serverTime } = coriolis.client;
  const schedules = await fetchSchedulesIfReadable(coriolis, id);
  return {
    ...object,
    ...makeLastCopyFacts(copy, serverTime),
    ...(await fetchTransferDeployments(coriolis, object)),
    schedule: schedules && combineScheduleStates(schedules, serverTime),
    schedules: schedules && schedules.map((one) => withObservedAt(coriolis, one)),
    stalled_seconds: secondsOfStall(executions, serverTime),
    executions,
  };
}

/** Seconds without progress of the running execution, compared with those before it. */
function secondsOfStall(executions: readonly Execution[], now: number): number | null {
  const running = executions.find(({ status }) => isActive(status));
  if (running === undefined) return null;
  const usual = medianSecondsOfSameSyncKind(running, executions);
  return computeStallFacts(running, now, usual).stalled_seconds;
}
