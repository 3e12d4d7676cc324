import { InvalidInputError } from '../api/errors';
import { makeDrillReport, runDrill } from '../playbooks/drill/drill';
import { drillHeadline, drillView } from '../playbooks/drill/drill-state';
import { drillFields, drillReportFields } from '../playbooks/drill/drill-fields';
import {
  drillReportHeadline,
  verifiedDrillView,
  verifyDrillReport,
  type DrillReportResult,
} from '../playbooks/drill/verify-drill-report';
import { defineOperation } from '../operation';
import { duration, json, number, text } from '../vocabulary/field-constructors';

const run = defineOperation({
  resource: 'drill',
  name: 'run',
  title: 'Run',
  form: {
    action: 'Run a failover drill',
    caution: 'The clones stay on the destination and cost there until somebody removes them: see to_remove.',
  },
  tool: 'run_drill',
  summary: 'Rehearse a failover: deploy clones of the newest copies of a group',
  description: 'The clones must be removed afterwards.',
  effect: 'write',
  wait: { timeoutInput: 'timeoutSeconds' },
  input: {
    ...drillFields,
    since: text(
      'Since',
      'Start of the drill to continue, as an earlier call returned it; a new drill when left out.',
      {
        optional: true,
        advanced: true,
      },
    ),
    maxParallel: number('Max Parallel', 'Maximum deployments at a time.', {
      default: 3,
      minimum: 1,
      maximum: 100,
      advanced: true,
    }),
    timeoutSeconds: duration('Timeout', 'Seconds to wait at most; the deployments continue.', {
      default: 3600,
      minimum: 0,
      maximum: 604_800,
    }),
  },
  output: drillView,
  result: {
    whole: true,
    headline: drillHeadline,
    next: ({ since }) => [{ operation: 'drill.report', input: { since } }],
  },
  run: runDrill,
});

const report = defineOperation({
  resource: 'drill',
  name: 'report',
  title: 'Report',
  form: { action: 'Get the figures of a drill' },
  tool: 'report_drill',
  summary: 'Report a drill, or verify such a report',
  description: 'Compares RPO and RTO with the targets.',
  effect: 'read',
  related: { sameInputsAs: 'drill.run' },
  input: {
    ...drillReportFields,
    since: text('Since', 'Start of the drill, as its run returned it; a report to verify contains it.', {
      optional: true,
    }),
    verify: json(
      'Verify',
      'Report to compare with its manifest and the server: the report, { report, html } or { html }.',
      {
        optional: true,
        advanced: true,
      },
    ),
  },
  output: verifiedDrillView,
  result: {
    whole: true,
    headline: drillReportHeadline,
    next: () => [],
  },
  async run(coriolis, { verify, ...given }): Promise<DrillReportResult> {
    if (verify !== undefined) return await verifyDrillReport(coriolis, verify);
    if (given.since === undefined) {
      throw new InvalidInputError('The report of a drill needs the start of the drill.', {
        field: 'since',
        advice: 'Give the "since" that drill.run returned.',
      });
    }
    return { ...(await makeDrillReport(coriolis, given)), agrees: null, differences: [] };
  },
});

export const drillOperations = [run, report] as const;
