import { number } from '../fields';
import { defineOperation } from '../operation';
import { estateShape, surveyEstate, type EstateSummary } from '../playbooks/estate';
import { view } from '../shape';

const summarize = defineOperation({
  resource: 'estate',
  name: 'summarize',
  title: 'Summarize',
  tool: 'summarize_estate',
  summary: 'Summarize what is going on: what runs, failed lately or never ran',
  description: 'Counts by status, progress of what runs, causes of failures, pools in error, workers down.',
  effect: 'read',
  whole: true,
  serves: [],
  input: {
    hours: number('Hours', 'How far back failures count.', { default: 24, minimum: 1, maximum: 8760 }),
    rows: number('Rows', 'Most rows of each kind.', { default: 5, minimum: 1, maximum: 20, advanced: true }),
  },
  output: view<EstateSummary>()(estateShape, (summary) => summary),
  run: (coriolis, { hours, rows }) => surveyEstate(coriolis, { hours, rows }),
});

export const estateOperations = [summarize] as const;
