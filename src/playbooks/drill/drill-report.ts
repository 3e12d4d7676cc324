import { drawBoard } from '../../pictures/board';
import { drawCopyAges } from '../../pictures/copy-age';
import { code, figure, section, table } from '../../pictures/page';
import { shortDuration, shortMoment } from '../../pictures/scale';
import type { State } from '../../pictures/state';
import type { Document } from '../report/document';
import type { DrillReport, DrillRow } from './drill';

const STATES: Readonly<Record<string, State>> = {
  waiting: 'waiting',
  deploying: 'running',
  passed: 'done',
  missed: 'stalled',
  failed: 'failed',
  no_copy: 'failed',
};

const seconds = (value: number | null): string => (value === null ? '' : shortDuration(value));

const stateOf = ({ state }: DrillRow): State => STATES[state] ?? 'none';

/** Report of a drill: RPO and RTO of each transfer, what failed, what is to be removed. */
export function drillDocument(report: DrillReport, rpoTargetSeconds: number | undefined): Document {
  const { as_of: asOf, rows, to_remove: clones } = report;
  const outcome = report.outcome.replaceAll('_', ' ');
  return {
    title: 'Failover drill',
    as_of: asOf,
    summary: `${outcome.charAt(0).toUpperCase()}${outcome.slice(1)}: ${report.deployed} of ${report.transfers} deployed, ${report.failed} failed, ${report.without_copy} without a copy.`,
    facts: [
      { label: 'outcome', value: outcome },
      { label: 'transfers', value: report.transfers },
      { label: 'deployed', value: report.deployed },
      { label: 'failed', value: report.failed },
      { label: 'oldest copy (RPO)', value: seconds(report.worst_rpo_seconds) || 'none' },
      { label: 'longest deployment (RTO)', value: seconds(report.worst_rto_seconds) || 'none' },
    ],
    findings: [
      ...rows
        .filter(({ state }) => ['missed', 'failed', 'no_copy'].includes(state))
        .map(({ name, state, why }) => `${name}: ${why ?? state.replaceAll('_', ' ')}`),
      ...(clones.length === 0 ? [] : [`${clones.length} clones are to be removed from the destination.`]),
    ],
    sections: [
      section('Outcome', `The drill began ${shortMoment(report.since)}.`),
      figure(
        drawBoard({
          title: 'Transfers',
          as_of: asOf,
          rows: rows.map((row) => ({
            name: row.name,
            state: stateOf(row),
            stage: row.state.replaceAll('_', ' '),
            percent: stateOf(row) === 'done' || stateOf(row) === 'stalled' ? 100 : null,
            eta_seconds: null,
            note: [row.rto_seconds === null ? null : `RTO ${shortDuration(row.rto_seconds)}`, row.why]
              .filter((part) => part !== null)
              .join(' · '),
          })),
        }),
      ),
      figure(
        drawCopyAges({
          title: 'Age of the copies that were deployed (RPO)',
          as_of: asOf,
          rpo_seconds: rpoTargetSeconds ?? null,
          rows: rows.map(({ name, rpo_seconds: age, why }) => ({
            name,
            last_copy_age_seconds: age,
            reason: why,
          })),
        }),
      ),
      section(
        'Figures',
        table(
          [
            { title: 'Transfer', cell: ({ name }) => name },
            { title: 'State', cell: ({ state }) => state.replaceAll('_', ' ') },
            { title: 'Copy of', cell: ({ copy_at: at }) => (at === null ? '' : shortMoment(at)) },
            { title: 'RPO', cell: ({ rpo_seconds: value }) => seconds(value), isNumber: true },
            { title: 'RTO', cell: ({ rto_seconds: value }) => seconds(value), isNumber: true },
            {
              title: 'RTO before',
              cell: ({ previous_rto_seconds: value }) => seconds(value),
              isNumber: true,
            },
            { title: 'Why', cell: ({ why }) => why },
          ],
          rows,
        ),
      ),
      section(
        'To remove from the destination',
        table(
          [
            { title: 'Machine', cell: ({ machine }) => machine },
            { title: 'Deployment', cell: ({ deployment_id: id }) => code(id) },
          ],
          clones,
          'Nothing.',
        ),
      ),
      section(
        'Manifest',
        table(
          [
            { title: 'Part', cell: ([name]) => name },
            { title: 'SHA-256', cell: ([, hash]) => code(hash) },
          ],
          [...Object.entries(report.manifest), ['report', report.report_hash] as [string, string]],
        ),
      ),
    ],
  };
}
