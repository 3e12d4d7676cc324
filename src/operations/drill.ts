import { reportDrill, runDrill, type DrillReport } from '../playbooks/drill/drill';
import type { Drill } from '../playbooks/drill/drill-result';
import { drillGroup, drillReportInput } from '../playbooks/drill/fields';
import { defineOperation } from '../operation';
import { number, text } from '../vocabulary/field-constructors';
import { key, view } from '../vocabulary/result-keys';

const shape = {
  since: key.time('Begin of the drill: give it to go on, and to report'),
  as_of: key.time('Now, by the server’s clock'),
  outcome: key.text('passed, failed or going_on'),
  transfers: key.number('Transfers in the group'),
  deployed: key.number('Deployed'),
  failed: key.number('Failed'),
  without_copy: key.number('Without a usable copy'),
  worst_rpo_seconds: key.number('Oldest copy', { nullable: true }),
  worst_rto_seconds: key.number('Longest deployment', { nullable: true }),
  rows: key.rows('Transfers', {
    transfer_id: key.text('Transfer'),
    name: key.text('Notes, else the machines', { untrusted: true }),
    state: key.text('passed, missed (a target), failed, no_copy, waiting or deploying'),
    copy_at: key.time('Start of the sync that was deployed', { nullable: true }),
    rpo_seconds: key.number('Age of that copy', { nullable: true }),
    rto_seconds: key.number('Deployment from start to end', { nullable: true }),
    previous_rto_seconds: key.number('The same the last time', { nullable: true }),
    deployment_id: key.text('Deployment', { nullable: true }),
    why: key.text('Why', { nullable: true, untrusted: true }),
  }),
  to_remove: key.rows('Clones on the destination to remove afterwards', {
    machine: key.text('Machine', { untrusted: true }),
    deployment_id: key.text('Its deployment'),
  }),
};

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
  boundedBy: 'timeoutSeconds',
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
    timeoutSeconds: number('Timeout (Seconds)', 'Return then.', {
      default: 3600,
      minimum: 0,
      maximum: 604_800,
    }),
  },
  output: view<Drill>()(shape, (drill) => drill),
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
  repeats: 'drill.run',
  input: {
    ...drillReportInput,
  },
  output: view<DrillReport>()(
    {
      ...shape,
      manifest: key.json('SHA-256 of each part'),
      report_hash: key.text('SHA-256 of the manifest'),
    },
    (made) => made,
  ),
  run: reportDrill,
  headline,
  next: () => [],
});

export const drillOperations = [run, report] as const;
