import { drawGantt, type GanttBar } from '../../pictures/gantt-chart';
import { htmlCode, htmlFigure, htmlPage, htmlSection, htmlTable } from '../../pictures/html-page';
import { shortDuration } from '../../pictures/axis-scale';
import type { PictureState } from '../../pictures/picture-state';
import { groupBy } from '../group-by';
import type { ReportDocument } from '../report/report-document';
import { sealPage } from '../report/page-seal';
import type { ReportedStep, WaveReport } from './report';

const STATES: Readonly<Record<string, PictureState>> = {
  completed: 'done',
  failed: 'failed',
  canceled: 'canceled',
};

const seconds = (value: number | null): string => (value === null ? '' : shortDuration(value));

const barOf = ({ step, started_at: start, ended_at: end, outcome }: ReportedStep): readonly GanttBar[] =>
  start === null
    ? []
    : [{ label: step, start, end, state: outcome === null ? 'running' : (STATES[outcome] ?? 'none') }];

/** Renders the report of a wave as one self-contained HTML page with a seal. */
export function renderWaveReport(report: WaveReport): string {
  const { title, facts, sections } = makeWaveDocument(report);
  const page = htmlPage({ title, subtitle: `Report of ${report.made_at}`, facts, content: sections });
  return sealPage(page, report.report_hash);
}

/** Makes the document of a wave report: the approved plan, the steps taken, and hashes for verifying both. */
export function makeWaveDocument(report: WaveReport): ReportDocument {
  const { totals, machines, steps, approvals, manifest } = report;
  const lanes = [...groupBy(steps, ({ machine }) => machine)].map(([name, own]) => ({
    name,
    bars: own.filter(({ step }) => step !== 'create').flatMap(barOf),
  }));
  return {
    title: `Wave ${report.wave}`,
    as_of: report.made_at,
    reportHash: report.report_hash,
    summary: `${totals.done} of ${totals.machines} machines through, ${totals.open} open, ${totals.failed_steps} failed steps.`,
    findings: machines.flatMap(({ machine, left_open: open }) =>
      open === null ? [] : [`${machine}: ${open}`],
    ),
    facts: [
      { label: 'machines', value: totals.machines },
      { label: 'through', value: totals.done },
      { label: 'open', value: totals.open },
      { label: 'failed steps', value: totals.failed_steps },
      { label: 'longest downtime', value: seconds(totals.longest_downtime_seconds) || 'none' },
    ],
    sections: [
      htmlSection(
        'Plan',
        'Approved was the plan with the hash ',
        htmlCode(report.plan_hash ?? 'unknown'),
        '.',
      ),
      htmlSection(
        'Approvals',
        htmlTable(
          [
            { title: 'Who', cell: (one) => String(one['by'] ?? one['who'] ?? '') },
            { title: 'When', cell: (one) => String(one['at'] ?? one['when'] ?? '') },
            { title: 'Reference', cell: (one) => String(one['reference'] ?? '') },
            { title: 'Machines', cell: (one) => String(one['rows'] ?? one['machines'] ?? 'all') },
          ],
          approvals,
          'None were handed in.',
        ),
      ),
      htmlSection(
        'What happened',
        htmlFigure(drawGantt({ title: report.wave, as_of: report.made_at, lanes })),
      ),
      htmlSection(
        'Machines',
        htmlTable(
          [
            { title: 'Machine', cell: ({ machine }) => machine },
            { title: 'Outcome', cell: ({ outcome }) => outcome },
            { title: 'Syncs', cell: ({ syncs }) => syncs, isNumber: true },
            { title: 'RPO', cell: ({ rpo_seconds: value }) => seconds(value), isNumber: true },
            { title: 'Downtime', cell: ({ downtime_seconds: value }) => seconds(value), isNumber: true },
            { title: 'Deployment', cell: ({ deployment_seconds: value }) => seconds(value), isNumber: true },
            { title: 'Left open', cell: ({ left_open: text }) => text ?? '' },
          ],
          machines,
        ),
      ),
      htmlSection(
        'Steps',
        htmlTable(
          [
            { title: 'Machine', cell: ({ machine }) => machine },
            { title: 'Step', cell: ({ step }) => step },
            { title: 'Started', cell: ({ started_at: at }) => at ?? '' },
            { title: 'Ended', cell: ({ ended_at: at }) => at ?? '' },
            { title: 'Outcome', cell: ({ outcome }) => outcome ?? 'goes on' },
            { title: 'Id', cell: ({ id }) => htmlCode(id) },
            { title: "Server's words", cell: ({ words }) => words ?? '' },
          ],
          steps,
        ),
      ),
      htmlSection(
        'Manifest',
        htmlTable(
          [
            { title: 'Part', cell: ([name]) => name },
            { title: 'SHA-256', cell: ([, hash]) => htmlCode(hash) },
          ],
          [...Object.entries(manifest), ['report', report.report_hash] as [string, string]],
        ),
      ),
    ],
  };
}
