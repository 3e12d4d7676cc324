import { countNoun } from '../model/names';
import { number } from '../vocabulary/field-constructors';
import { defineOperation } from '../operation';
import { surveyEstate } from '../playbooks/estate';
import { estateView } from '../playbooks/estate-summary';
import { diagnosisOf } from '../playbooks/diagnosis/next-steps';
import { wait } from './estate-wait';

const summarize = defineOperation({
  resource: 'estate',
  name: 'summarize',
  title: 'Summarize',
  action: 'Summarize the estate',
  tool: 'summarize_estate',
  summary: 'Summarize what is going on: what runs, failed lately, is stale or never ran',
  description: 'Counts by status, progress of what runs, causes of failures, pools in error, workers down.',
  effect: 'read',
  whole: true,
  input: {
    hours: number('Hours', 'How far back failures count, and how old replicas may be.', {
      default: 24,
      minimum: 1,
      maximum: 8760,
    }),
    rows: number('Rows', 'Most rows of each kind.', { default: 5, minimum: 1, maximum: 20, advanced: true }),
  },
  output: estateView,
  run: (coriolis, { hours, rows }) => surveyEstate(coriolis, { hours, rows }),
  headline: ({ transfers, deployments, running_count: running, failed_count: failed }) =>
    `${countNoun(transfers, 'transfer')}, ${countNoun(deployments, 'deployment')}, ${running} running, ${failed} failed lately`,
  next: ({ failed, stalled }) =>
    [...stalled.slice(0, 1), ...failed.slice(0, 1)].map((row) =>
      diagnosisOf(row.kind, row.id, row.execution_id),
    ),
});

export const estateOperations = [summarize, wait] as const;
