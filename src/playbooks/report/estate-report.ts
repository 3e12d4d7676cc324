import { formatCount } from '../../model/display-texts';
import { statusLabelOf } from '../../model/status';
import { drawBoard } from '../../pictures/board-picture';
import { drawCopyAges } from '../../pictures/copy-age-chart';
import { drawEstate } from '../../pictures/estate-picture';
import { makeHtmlFigure, makeHtmlSection, makeHtmlTable } from '../../pictures/html-page';
import { formatShortMoment } from '../../pictures/axis-scale';
import type { EstateSurvey } from '../survey-estate';
import { estateSummaryView } from '../estate-summary';
import type { ReportDocument } from './report-document';
import { makeStatusBarParts, pictureStateOf } from './status-bar-parts';

/** Makes the report of the whole estate: running work, failures, old copies. */
export function makeEstateReportDocument(survey: EstateSurvey): ReportDocument {
  const { hours } = survey;
  const estate = estateSummaryView.of(survey);
  const { as_of: asOf, transfers, deployments, running, stalled, failed, stale } = estate;
  const down = estate.workers_down ?? [];
  const totals = `${transfers} ${transfers === 1 ? 'transfer' : 'transfers'}, ${deployments} ${deployments === 1 ? 'deployment' : 'deployments'}`;
  return {
    title: 'Coriolis estate',
    as_of: asOf,
    summary:
      estate.attention.length === 0
        ? `${totals}: nothing needs attention.`
        : `${totals}, ${estate.failed_count} failed within ${hours} h, ${estate.copies_not_looked_up > 0 ? 'at least ' : ''}${estate.stale_count} without a recent copy.`,
    facts: [
      { label: 'transfers', value: transfers },
      { label: 'deployments', value: deployments },
      { label: 'running', value: estate.running_count },
      { label: 'failed', value: estate.failed_count },
      { label: 'without a recent copy', value: estate.stale_count },
      { label: 'never executed', value: estate.never_executed_count },
    ],
    findings: [
      ...estate.attention,
      ...failed.map(({ name, cause }) => `${name} failed: ${cause}`),
      ...(estate.copies_not_looked_up === 0
        ? []
        : [`The copies of ${formatCount(estate.copies_not_looked_up, 'replica')} were not looked up.`]),
    ],
    sections: [
      makeHtmlFigure(
        drawEstate({
          title: 'Estate',
          as_of: asOf,
          groups: [
            { name: 'transfers', parts: makeStatusBarParts(estate.transfers_by_status) },
            { name: 'deployments', parts: makeStatusBarParts(estate.deployments_by_status) },
          ],
          attention: estate.attention,
        }),
      ),
      makeHtmlSection(
        'At work',
        running.length + stalled.length === 0
          ? 'Nothing runs.'
          : makeHtmlFigure(
              drawBoard({
                title: 'At work',
                as_of: asOf,
                rows: [
                  ...stalled.map(({ name, kind, percent, since }) => ({
                    name,
                    state: 'stalled' as const,
                    stage: `${kind}: stands still`,
                    percent,
                    eta_seconds: null,
                    note: since === null ? null : `no change since ${formatShortMoment(since)}`,
                  })),
                  ...running.map(({ name, kind, status, percent, eta_seconds: eta }) => ({
                    name,
                    state: pictureStateOf(status),
                    stage: `${kind}: ${statusLabelOf(status).toLowerCase()}`,
                    percent,
                    eta_seconds: eta,
                    note: null,
                  })),
                ],
              }),
              describeOmitted(running.length + stalled.length, estate.running_count),
            ),
      ),
      makeHtmlSection(
        `Failed within ${hours} h`,
        makeHtmlTable(
          [
            { title: 'Name', cell: ({ name }) => name },
            { title: 'Kind', cell: ({ kind }) => kind },
            {
              title: 'Ended',
              cell: ({ finished_at: at }) => (at === null ? '' : formatShortMoment(at)),
              isUnbroken: true,
            },
            { title: 'Cause', cell: ({ cause }) => cause },
          ],
          failed,
        ),
        describeOmitted(failed.length, estate.failed_count),
      ),
      makeHtmlSection(
        `Without a usable copy from the last ${hours} h`,
        stale.length === 0
          ? 'None.'
          : makeHtmlFigure(
              drawCopyAges({
                title: 'Age of the last usable copy',
                as_of: asOf,
                rpo_seconds: hours * 3600,
                rows: stale.map(({ name, last_copy_age_seconds, no_copy_reason: reason }) => ({
                  name,
                  last_copy_age_seconds,
                  reason,
                })),
              }),
              describeOmitted(stale.length, estate.stale_count),
            ),
      ),
      makeHtmlSection(
        'Never executed',
        makeHtmlTable([{ title: 'Transfer', cell: ({ name }) => name }], estate.never_executed),
        describeOmitted(estate.never_executed.length, estate.never_executed_count),
      ),
      makeHtmlSection(
        'Workers and minion pools',
        makeHtmlTable(
          [
            { title: 'What', cell: ({ what }) => what },
            { title: 'Trouble', cell: ({ trouble }) => trouble },
          ],
          [
            ...down.map((host) => ({ what: host, trouble: 'worker that is not up' })),
            ...estate.pools_in_error.map(({ name }) => ({ what: name, trouble: 'minion pool in error' })),
          ],
          'All are in order.',
        ),
      ),
    ],
  };
}

/** Line below a table that shows only some of the rows; undefined when it shows all. */
const describeOmitted = (shown: number, all: number): string | undefined =>
  all > shown ? `${all - shown} more are not shown.` : undefined;
