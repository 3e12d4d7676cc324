import { withoutUndefined, type JsonObject } from '../model/json';
import { countNoun } from '../model/display-names';
import { defineOperation } from '../operation';
import { diagnosisCall } from '../playbooks/diagnosis/next-steps';
import { surveyEstate } from '../playbooks/estate';
import { estateView, type EstateSummary } from '../playbooks/estate-summary';
import { type MoveFilter, tagFilter } from '../fields/list-filters';
import { parseMomentInput } from '../fields/moment-input';
import { scenarios } from '../fields/transfer-fields';
import { choice, number, reference, text } from '../vocabulary/field-constructors';
import type { NextCall } from '../vocabulary/next-call';
import { estateDiagnose } from './estate-diagnose';
import { estateWait } from './estate-wait';

const summarize = defineOperation({
  resource: 'estate',
  name: 'summarize',
  title: 'Summarize',
  form: { action: 'Summarize the estate' },
  tool: 'summarize_estate',
  summary: 'Summarize what is going on: what runs, failed lately, is stale or never ran',
  description:
    'Counts by status, progress of what runs, causes of the latest failures, pools in error, workers down.',
  effect: 'read',
  input: {
    hours: number('Hours', 'How far back runs count, and how old copies may be.', {
      default: 24,
      minimum: 1,
      maximum: 8760,
    }),
    since: text('Since', 'Runs count from then on: today Europe/Berlin, 7d.', {
      optional: true,
      placeholder: 'today Europe/Berlin',
    }),
    search: text('Search', 'Only with this text in notes or instances.', { optional: true }),
    endpointId: reference('endpoint', 'Endpoint', 'Only from or to this endpoint.', { optional: true }),
    scenario: choice('Scenario', 'Only of this scenario.', scenarios, { optional: true, advanced: true }),
    tag: tagFilter,
    rows: number('Rows', 'Most rows of each kind.', { default: 5, minimum: 1, maximum: 20, advanced: true }),
  },
  output: estateView,
  result: {
    whole: true,
    headline: ({ transfers, deployments, running_count: running, failed_count: failed }) =>
      `${countNoun(transfers, 'transfer')}, ${countNoun(deployments, 'deployment')}, ${running} running, ${failed} failed lately`,
    next: (summary, { hours, search, endpointId, scenario, tag }) => [
      ...diagnosesOf(summary),
      ...listsOfTheRest(summary, { search, endpointId, scenario, tag }, hours),
    ],
  },
  run: (coriolis, { since, ...options }) =>
    surveyEstate(coriolis, {
      ...options,
      since: since === undefined ? undefined : parseMomentInput('since', since, coriolis.client.now),
    }),
});

/** Number of stalls, and of failures, for which a diagnosis is suggested. */
const SUGGESTED = 2;

/** Suggested calls that diagnose the longest stalls and the latest failures. */
const diagnosesOf = ({ failed, stalled }: EstateSummary): readonly NextCall[] => [
  ...stalled.slice(0, SUGGESTED).map((row) => diagnosisCall(row.kind, row.id, row.execution_id)),
  // The newest failed execution is meant without an id.
  ...failed.slice(0, SUGGESTED).map((row) => diagnosisCall(row.kind, row.id, null)),
];

/** Suggested lists, with the same filter, of the rows that the summary leaves out. */
function listsOfTheRest(summary: EstateSummary, filter: MoveFilter, hours: number): readonly NextCall[] {
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

export const estateOperations = [summarize, estateDiagnose, estateWait] as const;
