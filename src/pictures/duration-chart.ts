import { formatCount } from '../model/display-texts';
import { parseServerTime } from '../model/timestamps';
import { drawTickLabel, makeSvgPicture, PICTURE_WIDTH_PX } from './svg-picture';
import { roundCoordinate, makeElement, type Markup } from './markup';
import { makeDurationScale, formatShortDuration, makeTimeScale } from './axis-scale';
import { drawLegend, drawStateSymbol, stateWordOf, type PictureState } from './picture-state';

/** Point in the chart of durations: one execution or deployment. */
export interface DurationPoint {
  /** Start of the execution or deployment, ISO 8601. */
  readonly start: string;
  readonly seconds: number;
  readonly state: PictureState;
  /** Whether it copies all data. It is then drawn with a frame, because a full copy takes longer. */
  readonly full: boolean;
  readonly label: string;
}

/** Data of the chart of durations. */
export interface DurationChart {
  readonly title: string;
  readonly points: readonly DurationPoint[];
  /** Usual duration in seconds; null when unknown. */
  readonly usual_seconds: number | null;
}

const LEFT = 76;
const RIGHT = PICTURE_WIDTH_PX - 24;
const TOP = 76;
const BOTTOM = 300;

const DAY_MS = 86_400_000;
/** Time that is shown around a single point, which stands at the left: on a narrow screen it is seen without scrolling. */
const AROUND_ONE = { before: DAY_MS, after: 6 * DAY_MS };
/** Number of points above which their symbols are small, so that fewer cover each other. */
const MANY_POINTS = 150;

/** Compares points for the order of drawing: those that did not end well come last, so that they lie on top. */
const troubleLast = (one: DurationPoint, other: DurationPoint): number =>
  Number(one.state !== 'done') - Number(other.state !== 'done');

/** Draws durations over time, with the usual duration as a line. */
export function drawDurations({ title, points, usual_seconds: usual }: DurationChart): Markup {
  const dated = points.flatMap((point) => {
    const time = parseServerTime(point.start);
    return time === null ? [] : [{ ...point, time }];
  });
  const size = dated.length > MANY_POINTS ? 8 : 12;
  const times = dated.map(({ time }) => time);
  const from = Math.min(...times);
  const to = Math.max(...times);
  const around = to > from ? { before: 0, after: 0 } : AROUND_ONE;
  const x = makeTimeScale(from - around.before, to + around.after, LEFT + 10, RIGHT - 10);
  const y = makeDurationScale(Math.max(0, usual ?? 0, ...points.map(({ seconds }) => seconds)), BOTTOM, TOP);
  const marks = [
    dated.some(({ full }) => full) ? 'framed: full copy' : null,
    usual === null ? null : 'dashed line: usual duration',
  ].filter((mark) => mark !== null);
  return makeSvgPicture(
    {
      title,
      description: `${formatCount(points.length, 'run')}${usual === null ? '' : `, usually ${formatShortDuration(usual)}`}.`,
      height: BOTTOM + 36,
    },
    drawLegend(
      points.map(({ state }) => state),
      16,
      42,
    ),
    makeElement('text', { x: RIGHT, y: 52, class: 'small end' }, marks.join('; ')),
    y.ticks.map(({ value, label }) => [
      makeElement('path', { class: 'grid', d: `M${LEFT} ${roundCoordinate(y.toPixel(value))}H${RIGHT}` }),
      makeElement(
        'text',
        { x: LEFT - 8, y: roundCoordinate(y.toPixel(value)) + 4, class: 'small end' },
        label,
      ),
    ]),
    dated.length === 0
      ? makeElement('text', { x: LEFT + 10, y: TOP + 24 }, 'No runs.')
      : x.ticks.map(({ value, label }) => drawTickLabel(label, x.toPixel(value), BOTTOM + 20)),
    dated.sort(troubleLast).map((point) => {
      const left = roundCoordinate(x.toPixel(point.time) - size / 2);
      const top = roundCoordinate(y.toPixel(point.seconds) - size / 2);
      return makeElement(
        'g',
        {},
        makeElement(
          'title',
          {},
          `${point.label}: ${formatShortDuration(point.seconds)}, ${stateWordOf(point.state)}, ${point.start}`,
        ),
        point.full
          ? makeElement('rect', {
              class: 'frame',
              x: roundCoordinate(left - 3),
              y: roundCoordinate(top - 3),
              width: size + 6,
              height: size + 6,
            })
          : null,
        drawStateSymbol(point.state, left, top, size),
      );
    }),
    usual === null
      ? null
      : makeElement('path', { class: 'now', d: `M${LEFT} ${roundCoordinate(y.toPixel(usual))}H${RIGHT}` }),
  );
}
