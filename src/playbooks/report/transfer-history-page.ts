import { isFinal, outcomeOf } from '../../model/status';
import { durationSeconds } from '../../model/timestamps';
import { drawDurations } from '../../pictures/duration-chart';
import { htmlFigure, htmlPage, htmlSection, htmlTable } from '../../pictures/html-page';
import { formatShortDuration, formatShortMoment } from '../../pictures/axis-scale';
import {
  transferFiguresKeys,
  transferFiguresView,
  type ExecutionsInPeriod,
} from '../../facts/transfer-figures';
import { key, view } from '../../vocabulary/result-keys';
import { pictureStateOf } from './status-bar';

/** Result view of the history of a transfer, with its page. */
export const transferHistoryView = view<ExecutionsInPeriod>()({
  ...transferFiguresKeys,
  html: key.rendered('text/html', 'Self-contained HTML page with the durations over time', renderHistoryPage),
});

/** Renders an HTML page about the syncs of a transfer in a period, with the duration of each and the median. */
function renderHistoryPage(period: ExecutionsInPeriod): string {
  const { name, since, completed, failed, canceled, full, incremental } = transferFiguresView.of(period);
  const runs = period.executionsWithin
    .filter(({ kind, execution }) => kind !== null && isFinal(execution.status))
    .map(({ kind, execution: { number, status, created_at: start, updated_at: end } }) => ({
      number,
      kind,
      status,
      start,
      seconds: durationSeconds(start, end) ?? 0,
    }));
  return htmlPage({
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
      htmlFigure(
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
      htmlSection(
        'Syncs',
        htmlTable(
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
