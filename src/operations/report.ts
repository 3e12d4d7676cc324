import { formatCount } from '../model/display-texts';
import type { JsonObject } from '../model/json';
import { defineOperation } from '../operation';
import { makeDrillReportDocument } from '../playbooks/drill/drill-report-document';
import { drillReportView, makeDrillReport } from '../playbooks/drill/drill';
import { drillReportFields } from '../playbooks/drill/drill-fields';
import { surveyEstate } from '../playbooks/survey-estate';
import { makeEvidenceReportView, reportView } from '../playbooks/report/report-document';
import { makeEstateReportDocument } from '../playbooks/report/estate-report';
import { makeRpoReportDocument, rpoReportView, surveyRpo } from '../playbooks/report/rpo-report';
import { waveReportFields } from '../playbooks/wave/wave-fields';
import { makeWaveReport } from '../playbooks/wave/wave-report';
import { makeWaveReportDocument } from '../playbooks/wave/wave-report-page';
import { duration, number, reference, text } from '../vocabulary/field-constructors';

const estate = defineOperation({
  resource: 'report',
  name: 'estate',
  title: 'Estate',
  form: { action: 'Report the estate' },
  tool: 'report_estate',
  summary: 'Report the estate as a page for people',
  description: 'Shows what runs, what failed and which copies are old, with pictures.',
  effect: 'read',
  related: { supersededBy: { operation: 'estate.summarize', convertInput: (given) => given } },
  input: {
    hours: number('Hours', 'Hours for which failures count; older copies are stale.', {
      default: 24,
      minimum: 1,
      maximum: 8760,
    }),
    rows: number('Rows', 'Maximum rows of each kind.', {
      default: 20,
      minimum: 1,
      maximum: 20,
      advanced: true,
    }),
  },
  output: reportView,
  result: {
    whole: true,
    resourceUri: 'reports/estate',
    headline: ({ findings }) =>
      findings.length === 0
        ? 'nothing needs attention'
        : `${formatCount(findings.length, 'thing')} to look at`,
    next: () => [],
  },
  run: async (coriolis, options) => makeEstateReportDocument(await surveyEstate(coriolis, options)),
});

const rpo = defineOperation({
  resource: 'report',
  name: 'rpo',
  title: 'RPO',
  form: { action: 'Report the RPO' },
  tool: 'report_rpo',
  summary: 'Report the age of the last copy of each replica against the RPO',
  description: 'Worst first.',
  effect: 'read',
  related: { sameInputsAs: 'drill.run' },
  input: {
    rpoTargetSeconds: duration('RPO Target', 'RPO target: maximum age of a copy.', {
      default: 86_400,
      minimum: 1,
    }),
    search: text('Search', 'Text that notes or instances must contain.', { optional: true }),
    endpointId: reference('endpoint', 'Endpoint', 'Only replicas from or to this endpoint.', {
      optional: true,
      advanced: true,
    }),
  },
  output: rpoReportView,
  result: {
    whole: true,
    resourceUri: 'reports/rpo',
    headline: ({ replicas, met, missed, no_copy: none }) =>
      `${met} of ${replicas} within the objective, ${missed} older, ${none} without a copy`,
    next: () => [],
  },
  async run(coriolis, input) {
    const survey = await surveyRpo(coriolis, input);
    return { ...survey, ...makeRpoReportDocument(survey) };
  },
});

const wave = defineOperation({
  resource: 'report',
  name: 'wave',
  title: 'Wave',
  form: { action: 'Report a wave' },
  tool: 'draw_wave_report',
  summary: 'Report a wave as a page for people',
  description: 'Shows what was approved and what happened, with hashes.',
  effect: 'read',
  related: { supersededBy: { operation: 'wave.report', convertInput: (given) => given } },
  input: waveReportFields,
  output: makeEvidenceReportView('machines, steps, totals, manifest'),
  result: { whole: true, headline: () => 'report', next: () => [] },
  async run(coriolis, input) {
    const report = await makeWaveReport(coriolis, input);
    return { ...makeWaveReportDocument(report), report: report as unknown as JsonObject };
  },
});

const drill = defineOperation({
  resource: 'report',
  name: 'drill',
  title: 'Drill',
  form: { action: 'Report a drill' },
  tool: 'draw_drill_report',
  summary: 'Report a failover drill as a page for people',
  description: 'Shows RPO and RTO, what failed and what is to be removed.',
  effect: 'read',
  related: { supersededBy: { operation: 'drill.report', convertInput: (given) => given } },
  input: drillReportFields,
  output: makeEvidenceReportView('transfers, figures, manifest'),
  result: { whole: true, headline: () => 'report', next: () => [] },
  async run(coriolis, input) {
    const report = drillReportView.of(await makeDrillReport(coriolis, input));
    return {
      ...makeDrillReportDocument(report, input.rpoTargetSeconds),
      report,
    };
  },
});

export const reportOperations = [estate, rpo, wave, drill] as const;
