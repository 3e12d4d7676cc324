import type { Coriolis } from '../api/coriolis';
import type { Execution, Transfer } from '../model/types';
import { fetchDated } from '../requests/objects';
import { executionKeys, latestExecutions } from '../resources/execution';
import { transferKeys } from '../resources/transfer';
import { view, pickShape, key } from '../vocabulary/result-keys';
import { lastCopyFacts, findLastCopy, type LastCopyFacts, lastCopyKeys } from './last-copies';

/** A transfer as one row of a list, with its last usable copy. */
export const transferCopyRowView = view<Transfer & LastCopyFacts>()({
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
  ...lastCopyKeys,
});

/** A transfer with its last usable copy and its latest executions. */
export interface TransferDetail extends Transfer, LastCopyFacts {
  readonly executions: readonly Execution[];
}

export const transferDetailView = view<TransferDetail>()({
  ...transferKeys,
  ...lastCopyKeys,
  executions: key.rows(
    'Latest executions, newest first',
    executionKeys,
    ({ executions }: TransferDetail) => executions,
  ),
});

/**
 * Reads a transfer with its ten latest executions.
 * @param instancesData whether to include the server's data about each instance (docs/reference/coriolis-api.md §5:
 * from 1.1.9 on)
 */
export async function fetchTransferDetail(
  coriolis: Coriolis,
  id: string,
  instancesData: boolean,
): Promise<TransferDetail> {
  const query = { include_task_info: instancesData ? true : undefined };
  const { object } = await fetchDated(coriolis, 'transfer', [id], query);
  const executions = await latestExecutions(coriolis, id, 10);
  const copy = await findLastCopy(coriolis, object, executions);
  return { ...object, ...lastCopyFacts(copy, coriolis.client.now), executions };
}
