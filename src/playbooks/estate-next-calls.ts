import type { TransferOrDeploymentFilter } from '../fields/list-filters';
import { withoutUndefined, type JsonObject } from '../model/json';
import type { NextCall } from '../vocabulary/next-call';
import { diagnosisCall } from './diagnosis/next-steps';
import type { EstateSummary } from './estate-summary';

/**
 * Suggested calls after a summary of the estate: diagnoses, and lists of the rows that the summary leaves out.
 *
 * @param filter filter of the summary
 * @param hours period of the summary in hours
 */
export const callsAfterSummary = (
  summary: EstateSummary,
  filter: TransferOrDeploymentFilter,
  hours: number,
): readonly NextCall[] => [...diagnosesOf(summary), ...listsOfTheRest(summary, filter, hours)];

/** Maximum number of stalls, and also of failures, for which a diagnosis is suggested. */
const SUGGESTED = 2;

/** Suggested calls that diagnose the longest stalls and the latest failures. */
const diagnosesOf = ({ failed, stalled }: EstateSummary): readonly NextCall[] => [
  ...stalled.slice(0, SUGGESTED).map((row) => diagnosisCall(row.kind, row.id, row.execution_id)),
  // Without an execution id, the call diagnoses the newest failed execution.
  ...failed.slice(0, SUGGESTED).map((row) => diagnosisCall(row.kind, row.id, null)),
];

/** Suggested calls that list, with the same filter, the rows that the summary leaves out. */
function listsOfTheRest(
  summary: EstateSummary,
  filter: TransferOrDeploymentFilter,
  hours: number,
): readonly NextCall[] {
  const { failed_count: failed, never_executed_count: never, stale_count: stale } = summary;
  const list = (count: number, shown: readonly unknown[], operation: string, input: object) =>
    count > shown.length ? [{ operation, input: withoutUndefined({ ...input }) as JsonObject }] : [];
  const transfers = (count: number, shown: readonly unknown[], only: JsonObject) =>
    list(count, shown, 'transfer.getAll', { ...filter, ...only });
  const { search, tag } = filter;
  return [
    ...(summary.failed.some(({ kind }) => kind === 'transfer')
      ? transfers(failed, summary.failed, { status: 'ERROR' })
      : list(failed, summary.failed, 'deployment.getAll', { search, tag, status: 'ERROR' })),
    ...transfers(never, summary.never_executed, { status: 'UNEXECUTED' }),
    ...transfers(stale, summary.stale, { scenario: 'replica', copyOlderThan: `${hours}h` }),
  ];
}
