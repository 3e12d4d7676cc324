import { formatCount } from '../../model/display-texts';
import { spellOutTaskTypes } from '../../model/task-words';
import { drawBoard } from '../../pictures/board-picture';
import { drawCopyAges } from '../../pictures/copy-age-chart';
import { makeHtmlCode, makeHtmlFigure, makeHtmlSection, makeHtmlTable } from '../../pictures/html-page';
import { formatShortDuration, formatShortMoment } from '../../pictures/axis-scale';
import type { PictureState } from '../../pictures/picture-state';
import type { ReportDocument } from '../report/report-document';
import type { DrillReport } from './drill';

/** Picture state of each state of a rehearsal. */
const STATES: Readonly<Record<string, PictureState>> = {
  waiting: 'waiting',
  deploying: 'running',
  passed: 'done',
  missed: 'stalled',
  failed: 'failed',
  no_copy: 'failed',
};

const formatSeconds = (value: number | null): string => (value === null ? '' : formatShortDuration(value));

const stateOf = ({ state }: DrillReport['rows'][number]): PictureState => STATES[state] ?? 'none';

/** Makes the document of a drill report: RPO and RTO of each transfer, failures, machines to remove. */
export function makeDrillReportDocument(
  report: DrillReport,
  rpoTargetSeconds: number | undefined,
): ReportDocument {
  const { as_of: asOf, rows, to_remove: clones } = report;
  const outcome = report.outcome.replaceAll('_', ' ');
  return {
    title: 'Failover drill',
    reportHash: report.report_hash,
    as_of: asOf,
    summary: `${outcome.charAt(0).toUpperCase()}${outcome.slice(1)}: ${report.deployed} of ${report.transfers} deployed, ${report.failed} failed, ${report.without_copy} without a copy.`,
    facts: [
      { label: 'outcome', value: outcome },
      { label: 'transfers', value: report.transfers },
      { label: 'deployed', value: report.deployed },
      { label: 'failed', value: report.failed },
      { label: 'oldest copy (RPO)', value: formatSeconds(report.worst_rpo_seconds) || 'none' },
      { label: 'longest deployment (RTO)', value: formatSeconds(report.worst_rto_seconds) || 'none' },
    ],
    findings: [
      ...rows
        .filter(({ state }) => ['missed', 'failed', 'no_copy'].includes(state))
        .map(({ name, state, why }) => `${name}: ${spellOutTaskTypes(why ?? state.replaceAll('_', ' '))}`),
      ...(clones.length === 0
        ? []
        : [`To be removed from the destination: ${formatCount(clones.length, 'clone')}.`]),
    ],
    sections: [
      makeHtmlSection('Outcome', `The drill began ${formatShortMoment(report.since)}.`),
      makeHtmlFigure(
        drawBoard({
          title: 'Transfers',
          as_of: asOf,
          rows: rows.map((row) => ({
            name: row.name,
            state: stateOf(row),
            stage: row.state.replaceAll('_', ' '),
            percent: stateOf(row) === 'done' || stateOf(row) === 'stalled' ? 100 : null,
            eta_seconds: null,
            note: [
              row.rto_seconds === null ? null : `RTO ${formatShortDuration(row.rto_seconds)}`,
              row.why && spellOutTaskTypes(row.why),
            ]
              .filter((part) => part !== null)
              .join(' · '),
          })),
        }),
      ),
      makeHtmlFigure(
        drawCopyAges({
          title: 'Age of the copies that were deployed (RPO)',
          as_of: asOf,
          rpo_seconds: rpoTargetSeconds ?? null,
          rows: rows.map(({ name, rpo_seconds: age, why }) => ({
            name,
            last_copy_age_seconds: age,
            reason: why && spellOutTaskTypes(why),
          })),
        }),
      ),
      makeHtmlSection(
        'Figures',
        makeHtmlTable(
          [
            { title: 'Transfer', cell: ({ name }) => name },
            { title: 'State', cell: ({ state }) => state.replaceAll('_', ' ') },
            {
              title: 'Copy of',
              cell: ({ copy_at: at }) => (at === null ? '' : formatShortMoment(at)),
              isUnbroken: true,
            },
            { title: 'RPO', cell: ({ rpo_seconds: value }) => formatSeconds(value), isNumber: true },
            { title: 'RTO', cell: ({ rto_seconds: value }) => formatSeconds(value), isNumber: true },
            {
              title: 'RTO before',
              cell: ({ previous_rto_seconds: value }) => formatSeconds(value),
              isNumber: true,
            },
            { title: 'Why', cell: ({ why }) => spellOutTaskTypes(why ?? '') },
          ],
          rows,
        ),
      ),
      makeHtmlSection(
        'To remove from the destination',
        makeHtmlTable(
          [
            { title: 'Machine', cell: ({ machine }) => machine },
            { title: 'Deployment', cell: ({ deployment_id: id }) => makeHtmlCode(id) },
          ],
          clones,
          'Nothing.',
        ),
      ),
      makeHtmlSection(
        'Manifest',
        makeHtmlTable(
          [
            { title: 'Part', cell: ([name]) => name },
            { title: 'SHA-256', cell: ([, hash]) => makeHtmlCode(String(hash)) },
          ],
          [...Object.entries(report.manifest), ['report', report.report_hash]],
        ),
      ),
    ],
  };
}
