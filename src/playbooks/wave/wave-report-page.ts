import { formatCount } from '../../model/display-texts';
import { drawGantt, type GanttBar } from '../../pictures/gantt-chart';
import {
  makeHtmlCode,
  makeHtmlFigure,
  makeHtmlPage,
  makeHtmlSection,
  makeHtmlTable,
} from '../../pictures/html-page';
import { formatShortDuration, formatShortMoment } from '../../pictures/axis-scale';
import { isObject, type JsonObject } from '../../model/json';
import { spellOutTaskTypes } from '../../model/task-words';
import type { PictureState } from '../../pictures/picture-state';
import { groupBy } from '../group-by';
import type { ReportDocument } from '../report/report-document';
import { key, view } from '../../vocabulary/result-keys';
import { sealPage } from '../report/page-seal';
import { reportVerificationKeys } from '../report/report-verification';
import type { ReportedStep, WaveReport } from './wave-report';

/** Picture states of ended steps, by outcome. */
const STATES_OF_OUTCOMES: Readonly<Record<string, PictureState>> = {
  completed: 'done',
  failed: 'failed',
  canceled: 'canceled',
};

/** Result of the operation: a report of a wave, or the verification of a given report. */
export interface WaveReportResult {
  readonly report: WaveReport | null;
  readonly agrees: boolean | null;
  readonly differences: readonly string[];
  readonly html: string | null;
}

/** Result view of the report of a wave, made or verified. */
export const waveReportView = view<WaveReportResult>()({
  report: key.json(
    'The report: machines, steps, totals, manifest; null when one was verified',
    ({ report }: WaveReportResult) => report as JsonObject | null,
    { nullable: true },
  ),
  ...reportVerificationKeys,
  html: key.text('The report as an HTML page', { nullable: true }),
});

/** Number of characters of a row's hash that the page shows. */
const HASH_SHOWN = 12;

const formatSeconds = (value: number | null): string => (value === null ? '' : formatShortDuration(value));

/** Time of a report for a table cell. The zone is left out, because the header of the column says UTC. */
const timeOf = (at: string | null): string => (at ?? '').replace('T', ' ').replace('Z', '');

const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';
const textsOf = (value: unknown): string =>
  Array.isArray(value) ? value.map(textOf).join(', ') : textOf(value);

/** Rows of the plan that the caller gave, without those of other waves. */
const plannedRows = ({ plan, wave }: WaveReport): readonly JsonObject[] =>
  (Array.isArray(plan?.['rows']) ? plan['rows'] : [])
    .filter(isObject)
    .filter((row) => row['wave'] === undefined || row['wave'] === wave);

const messagesOf = (row: JsonObject): string => textsOf(row['messages']);

/** Table of the machines' readiness at the time of planning. */
const readinessTable = (rows: readonly JsonObject[]) =>
  makeHtmlTable(
    [
      { title: 'Machine', cell: (row) => textOf(row['machine']), isUnbroken: true },
      { title: 'Readiness', cell: (row) => textOf(row['status']).replaceAll('_', ' ') },
      { title: 'GiB', cell: (row) => textOf(row['disks_gb']), isNumber: true },
      { title: 'Steps', cell: (row) => textsOf(row['steps']) },
      { title: 'Messages', cell: messagesOf },
      { title: 'Hash', cell: (row) => makeHtmlCode(textOf(row['row_hash']).slice(0, HASH_SHOWN)) },
    ],
    rows,
    'The plan was handed in without rows.',
  );

/** Table of the steps that calls of `wave.run` tried to start, from the actions that the caller stored. */
const startsTable = (actions: readonly JsonObject[]) =>
  makeHtmlTable(
    [
      { title: 'Time (UTC)', cell: (one) => timeOf(textOf(one['at'])), isUnbroken: true },
      { title: 'Machine', cell: (one) => textOf(one['machine']), isUnbroken: true },
      { title: 'Step', cell: (one) => textOf(one['step']).replaceAll('_', ' '), isUnbroken: true },
      { title: 'Result', cell: (one) => textOf(one['outcome']) },
      { title: 'Request', cell: (one) => makeHtmlCode(textOf(one['request_id'])) },
      { title: "Server's words", cell: (one) => spellOutTaskTypes(textOf(one['words'])) },
    ],
    actions,
  );

const barOf = ({ step, started_at: start, ended_at: end, outcome }: ReportedStep): readonly GanttBar[] =>
  start === null
    ? []
    : [
        {
          label: step,
          start,
          end,
          state: outcome === null ? 'running' : (STATES_OF_OUTCOMES[outcome] ?? 'none'),
        },
      ];

/** Renders the report of a wave as one self-contained HTML page with a seal. */
export function renderWaveReport(report: WaveReport): string {
  const { title, facts, sections } = makeWaveReportDocument(report);
  const page = makeHtmlPage({
    title,
    subtitle: `Report of ${formatShortMoment(report.made_at)}`,
    facts,
    content: sections,
  });
  return sealPage(page, report.report_hash);
}

/** Makes the document of a wave report: the approved plan, the steps taken, and hashes for verifying both. */
export function makeWaveReportDocument(report: WaveReport): ReportDocument {
  const { totals, machines, steps, approvals, manifest } = report;
  const rows = plannedRows(report);
  const lanes = [...groupBy(steps, ({ machine }) => machine)].map(([name, own]) => ({
    name,
    bars: own.filter(({ step }) => step !== 'create').flatMap(barOf),
  }));
  return {
    title: `Wave ${report.wave}`,
    as_of: report.made_at,
    reportHash: report.report_hash,
    summary: `${totals.done} of ${formatCount(totals.machines, 'machine')} done, ${totals.open} open, ${formatCount(totals.failed_steps, 'failed step')}.`,
    findings: [
      ...machines.flatMap(({ machine, left_open: open }) =>
        open === null ? [] : [`${machine}: ${spellOutTaskTypes(open)}`],
      ),
      ...rows
        .filter(
          ({ status, machine }) => status === 'blocked' && !machines.some((one) => one.machine === machine),
        )
        .map((row) => `${textOf(row['machine'])} was blocked: ${messagesOf(row)}`),
    ],
    facts: [
      { label: 'machines', value: totals.machines },
      { label: 'done', value: totals.done },
      { label: 'open', value: totals.open },
      { label: 'failed steps', value: totals.failed_steps },
      { label: 'longest downtime', value: formatSeconds(totals.longest_downtime_seconds) || 'none' },
    ],
    sections: [
      makeHtmlSection(
        'Plan',
        'Approved was the plan with the hash ',
        makeHtmlCode(report.plan_hash ?? 'unknown'),
        '.',
        report.plan === null ? null : readinessTable(rows),
      ),
      makeHtmlSection(
        'Approvals',
        makeHtmlTable(
          [
            { title: 'Who', cell: (one) => String(one['by'] ?? one['who'] ?? '') },
            { title: 'When', cell: (one) => formatShortMoment(String(one['at'] ?? one['when'] ?? '')) },
            { title: 'Reference', cell: (one) => String(one['reference'] ?? '') },
            { title: 'Machines', cell: (one) => String(one['rows'] ?? one['machines'] ?? 'all') },
          ],
          approvals,
          'None were handed in.',
        ),
      ),
      makeHtmlSection(
        'What happened',
        makeHtmlFigure(drawGantt({ title: report.wave, as_of: report.made_at, lanes })),
      ),
      makeHtmlSection(
        'Machines',
        makeHtmlTable(
          [
            { title: 'Machine', cell: ({ machine }) => machine, isUnbroken: true },
            { title: 'Outcome', cell: ({ outcome }) => outcome },
            { title: 'Syncs', cell: ({ syncs }) => syncs, isNumber: true },
            { title: 'RPO', cell: ({ rpo_seconds: value }) => formatSeconds(value), isNumber: true },
            {
              title: 'Downtime',
              cell: ({ downtime_seconds: value }) => formatSeconds(value),
              isNumber: true,
            },
            {
              title: 'Deployment',
              cell: ({ deployment_seconds: value }) => formatSeconds(value),
              isNumber: true,
            },
            { title: 'Left open', cell: ({ left_open: text }) => spellOutTaskTypes(text ?? '') },
          ],
          machines,
        ),
      ),
      makeHtmlSection(
        'Steps',
        makeHtmlTable(
          [
            { title: 'Machine', cell: ({ machine }) => machine, isUnbroken: true },
            { title: 'Step', cell: ({ step }) => step, isUnbroken: true },
            { title: 'Started (UTC)', cell: ({ started_at: at }) => timeOf(at), isUnbroken: true },
            { title: 'Ended (UTC)', cell: ({ ended_at: at }) => timeOf(at), isUnbroken: true },
            { title: 'Outcome', cell: ({ outcome }) => outcome ?? 'goes on' },
            { title: 'Id', cell: ({ id }) => makeHtmlCode(id) },
            { title: "Server's words", cell: ({ words }) => spellOutTaskTypes(words ?? '') },
          ],
          steps,
        ),
      ),
      ...(report.actions.length === 0 ? [] : [makeHtmlSection('Starts', startsTable(report.actions))]),
      makeHtmlSection(
        'Manifest',
        makeHtmlTable(
          [
            { title: 'Part', cell: ([name]) => name },
            { title: 'SHA-256', cell: ([, hash]) => makeHtmlCode(hash) },
          ],
          [...Object.entries(manifest), ['report', report.report_hash] as [string, string]],
        ),
      ),
    ],
  };
}
