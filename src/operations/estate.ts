import { formatCount } from '../model/display-texts';
import { defineOperation } from '../operation';
import { surveyEstate } from '../playbooks/survey-estate';
import { callsAfterSummary } from '../playbooks/estate-next-calls';
import { estateSummaryView } from '../playbooks/estate-summary';
import { tagFilterField } from '../fields/list-filters';
import { parseMomentInput } from '../fields/moment-input';
import { scenarios } from '../fields/transfer-fields';
import { choice, number, reference, text } from '../vocabulary/field-constructors';
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
    hours: number('Hours', 'Hours for which runs count; older copies are stale.', {
      default: 24,
      minimum: 1,
      maximum: 8760,
    }),
    since: text('Since', 'Time from which runs count instead: today Europe/Berlin, 7d.', {
      optional: true,
      placeholder: 'today Europe/Berlin',
    }),
    search: text('Search', 'Text that notes or instances must contain.', { optional: true }),
    endpointId: reference('endpoint', 'Endpoint', 'Only transfers from or to this endpoint.', {
      optional: true,
    }),
    scenario: choice('Scenario', 'Only transfers of this scenario.', scenarios, {
      optional: true,
      advanced: true,
    }),
    tag: tagFilterField,
    rows: number('Rows', 'Maximum rows of each kind.', {
      default: 5,
      minimum: 1,
      maximum: 20,
      advanced: true,
    }),
  },
  output: estateSummaryView,
  result: {
    whole: true,
    headline: ({
      transfers,
      deployments,
      running_count: running,
      failed_count: failed,
      stale_count: stale,
      copies_not_looked_up: unknown,
    }) =>
      [
        formatCount(transfers, 'transfer'),
        formatCount(deployments, 'deployment'),
        `${running} running`,
        `${failed} failed lately`,
        ...(stale === 0
          ? []
          : [`${unknown > 0 ? 'at least ' : ''}${formatCount(stale, 'replica')} without a recent copy`]),
        ...(unknown > 0 ? [`copies of ${unknown} not looked up yet`] : []),
      ].join(', '),
    next: (summary, input) => callsAfterSummary(summary, input),
  },
  run: (coriolis, { since, ...options }) =>
    surveyEstate(coriolis, {
      ...options,
      since: since === undefined ? undefined : parseMomentInput('since', since, coriolis.client.serverTime),
    }),
});

export const estateOperations = [summarize, estateDiagnose, estateWait] as const;
