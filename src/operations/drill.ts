import { drillReportView, reportDrill, runDrill } from '../playbooks/drill/drill';
import { drillView } from '../playbooks/drill/drill-result';
import { drillGroup, drillReportInput } from '../playbooks/drill/fields';
import { defineOperation } from '../operation';
import { duration, number, text } from '../vocabulary/field-constructors';

const headline = ({
  outcome,
  deployed,
  transfers,
}: {
  outcome: string;
  deployed: number;
  transfers: number;
}) => `${outcome.replace('_', ' ')}: ${deployed} of ${transfers} deployed`;

const run = defineOperation({
  resource: 'drill',
  name: 'run',
  title: 'Run',
  action: 'Run a failover drill',
  tool: 'run_drill',
  caution: 'The clones stay on the destination and cost there until somebody removes them: see to_remove.',
  summary: 'Rehearse a failover: deploy clones of the newest copies of a group',
  description: 'The clones must be removed afterwards.',
  effect: 'write',
  whole: true,
  timeoutInput: 'timeoutSeconds',
  input: {
    ...drillGroup,
    since: text('Since', 'Goes on with the drill that began then, instead of a new one.', {
      optional: true,
      advanced: true,
    }),
    maxParallel: number('Max Parallel', 'Deployments at a time.', {
      default: 3,
      minimum: 1,
      maximum: 100,
      advanced: true,
    }),
    timeoutSeconds: duration('Timeout', 'Return then.', {
      default: 3600,
      minimum: 0,
      maximum: 604_800,
    }),
  },
  output: drillView,
  run: runDrill,
  headline,
  next: ({ since }) => [{ operation: 'drill.report', input: { since } }],
});

const report = defineOperation({
  resource: 'drill',
  name: 'report',
  title: 'Report',
  action: 'Get the figures of a drill',
  tool: 'report_drill',
  summary: 'Report a drill',
  description: 'RPO and RTO, compared.',
  effect: 'read',
  whole: true,
  sameInputsAs: 'drill.run',
  input: {
    ...drillReportInput,
  },
  output: drillReportView,
  run: reportDrill,
  headline,
  next: () => [],
});

export const drillOperations = [run, report] as const;
