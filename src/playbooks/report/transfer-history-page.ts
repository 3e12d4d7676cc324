import { isFinal, outcomeOf } from '../../model/status';
import { secondsBetween } from '../../model/timestamps';
import { drawDurations } from '../../pictures/duration-chart';
import { makeHtmlFigure, makeHtmlPage, makeHtmlSection, makeHtmlTable } from '../../pictures/html-page';
import { formatShortDuration, formatShortMoment } from '../../pictures/axis-scale';
import {
  transferStatisticsKeys,
  transferStatisticsView,
  type ExecutionsInPeriod,
} from '../../facts/transfer-statistics';
import { key, view } from '../../vocabulary/result-keys';
import { pictureStateOf } from './status-bar-parts';

/** Result view of the history of a transfer, with its page. */
export const transferHistoryView = view<ExecutionsInPeriod>()({
  ...transferStatisticsKeys,
  html: key.rendered('text/html', 'Self-contained HTML page with the durations over time', renderHistoryPage),
});

/** Renders an HTML page about the syncs of a transfer in a period, with the duration of each and the median. */
function renderHistoryPage(period: ExecutionsInPeriod): string {
  const { name, since, completed, failed, canceled, full, incremental } = transferStatisticsView.of(period);
  const runs = period.executionsWithin
    .filter(({ kind, execution }) => kind !== null && isFinal(execution.status))
    .map(({ kind, execution: { number, status, created_at: start, updated_at: end } }) => ({
      number,
      kind,
      status,
      start,
      seconds: secondsBetween(start, end) ?? 0,
    }));
  return makeHtmlPage({
    title: `History of ${name}`,
    subtitle: since === null ? 'All syncs that were read.' : `Syncs since ${formatShortMoment(since)}.`,
    facts: [
      { label: 'completed', value: completed },
      { label: 'failed', value: failed },
      { label: 'canceled', value: canceled },
      ...[
        { label: 'usual full sync', seconds: full.median_seconds },
        { label: 'usual sync of changes', seconds: incremental.median_seconds },
      ].flatMap(({ label, seconds }) =>
        seconds === null ? [] : [{ label, value: formatShortDuration(seconds) }],
      ),
    ],
    content: [
      makeHtmlFigure(
        drawDurations({
          title: 'Duration of the syncs',
          usual_seconds: incremental.median_seconds,
          points: runs.map(({ number, kind, status, start, seconds }) => ({
            start,
            seconds,
            state: pictureStateOf(status),
            full: kind === 'full',
            label: `#${number}`,
          })),
        }),
        period.isAllRead ? undefined : 'Older syncs of the period were not read.',
      ),
      makeHtmlSection(
        'Syncs',
        makeHtmlTable(
          [
            { title: 'Number', cell: ({ number }) => `#${number}`, isNumber: true },
            { title: 'Kind', cell: ({ kind }) => kind },
            { title: 'Started', cell: ({ start }) => formatShortMoment(start), isUnbroken: true },
            { title: 'Took', cell: ({ seconds }) => formatShortDuration(seconds), isNumber: true },
            { title: 'Outcome', cell: ({ status }) => outcomeOf(status) },
          ],
          runs.toReversed(),
        ),
      ),
    ],
  });
}
