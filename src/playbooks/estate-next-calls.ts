import type { TransferOrDeploymentFilter } from '../fields/list-filters';
import { withoutUndefined, type JsonObject } from '../model/json';
import type { NextCall } from '../vocabulary/next-call';
import { makeDiagnosisCall } from './diagnosis/next-steps';
import type { EstateSummary } from './estate-summary';

/** Input of a summary of the estate, as far as the next calls repeat it. */
interface SummaryInput extends TransferOrDeploymentFilter {
  /** Period of the summary in hours. */
  readonly hours: number;
  readonly since?: string | undefined;
}

/**
 * Suggested calls after a summary of the estate: diagnoses, lists of the rows that the summary leaves out, and the
 * summary again while copies were not looked up.
 */
export function callsAfterSummary(
  summary: EstateSummary,
  { hours, since, search, endpointId, scenario, tag }: SummaryInput,
): readonly NextCall[] {
  const filter = { search, endpointId, scenario, tag };
  return [
    ...diagnosesOf(summary),
    ...listsOfTheRest(summary, filter, hours),
    ...(summary.copies_not_looked_up === 0
      ? []
      : [
          {
            operation: 'estate.summarize',
            input: withoutUndefined({ hours, since, ...filter }) as JsonObject,
          },
        ]),
  ];
}

/** Maximum number of stalls, and also of failures, for which a diagnosis is suggested. */
const SUGGESTED = 2;

/** Suggested calls that diagnose the longest stalls and the latest failures. */
const diagnosesOf = ({ failed, stalled }: EstateSummary): readonly NextCall[] => [
  ...stalled.slice(0, SUGGESTED).map((row) => makeDiagnosisCall(row.kind, row.id, row.execution_id)),
  // Without an execution id, the call diagnoses the newest failed execution.
  ...failed.slice(0, SUGGESTED).map((row) => makeDiagnosisCall(row.kind, row.id, null)),
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
