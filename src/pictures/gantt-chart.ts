import { formatCount } from '../model/display-texts';
import { parseServerTime } from '../model/timestamps';
import { drawInSheets, drawTickLabel, makeSvgPicture, PICTURE_WIDTH_PX } from './svg-picture';
import { roundCoordinate, makeElement, fitText, joinMarkup, estimateTextWidth, type Markup } from './markup';
import { formatShortDuration, formatShortMoment, makeTimeScale, type AxisScale } from './axis-scale';
import { drawLegend, drawStateSymbol, stateWordOf, type PictureState } from './picture-state';

/** Bar of a Gantt chart: one step of a machine. */
export interface GanttBar {
  readonly label: string;
  /** Start, ISO 8601. */
  readonly start: string;
  /** End, ISO 8601; null while the work continues. */
  readonly end: string | null;
  readonly state: PictureState;
}

/** Lane of a Gantt chart: the steps of one machine. */
export interface GanttLane {
  readonly name: string;
  readonly bars: readonly GanttBar[];
}

/** Data of a Gantt chart. */
export interface GanttChart {
  readonly title: string;
  /** Time at which the figures were read, ISO 8601. Bars without an end reach to it. */
  readonly as_of: string;
  readonly lanes: readonly GanttLane[];
}

const LEFT = 216;
const RIGHT = PICTURE_WIDTH_PX - 24;
const TOP = 84;
const ROW = 26;

/** Period that a chart covers, with its scale. Times are in milliseconds since 1970. */
interface Span {
  readonly from: number;
  readonly to: number;
  readonly now: number;
  readonly scale: AxisScale;
}

/**
 * Draws a Gantt chart: one lane for each machine, and one bar for each step, with the state and name of the step below.
 * Times are UTC.
 */
export function drawGantt(chart: GanttChart): Markup {
  const span = spanOf(chart);
  return drawInSheets(chart.title, chart.lanes, (title, lanes) =>
    drawSheet({ title, as_of: chart.as_of, lanes }, span),
  );
}

function spanOf({ as_of: asOf, lanes }: GanttChart): Span {
  const now = parseServerTime(asOf) ?? 0;
  const bars = lanes.flatMap((lane) => lane.bars);
  const times = bars.flatMap(({ start, end }) => [
    parseServerTime(start),
    end === null ? now : parseServerTime(end),
  ]);
  const known = times.filter((time) => time !== null);
  const from = known.length === 0 ? now : Math.min(...known);
  const to = known.length === 0 ? now + 1 : Math.max(...known, from + 1000);
  return { from, to, now, scale: makeTimeScale(from, to, LEFT, RIGHT) };
}

function drawSheet({ title, as_of: asOf, lanes }: GanttChart, { from, to, now, scale }: Span): Markup {
  const bars = lanes.flatMap((lane) => lane.bars);
  const height = TOP + Math.max(lanes.length, 1) * ROW + 20;
  return makeSvgPicture(
    {
      title,
      description: `${formatCount(lanes.length, 'lane')} with ${formatCount(bars.length, 'step')} in ${formatShortDuration((to - from) / 1000)}, from ${formatShortMoment(new Date(from).toISOString())}.`,
      height,
    },
    makeElement('text', { x: RIGHT, y: 28, class: 'small end' }, `as of ${formatShortMoment(asOf)}`),
    drawLegend(
      bars.map(({ state }) => state),
      16,
      42,
    ),
    (bars.length === 0 ? [] : scale.ticks).map(({ value, label }) => [
      makeElement('path', {
        class: 'grid',
        d: `M${roundCoordinate(scale.toPixel(value))} ${TOP - 8}V${height - 16}`,
      }),
      drawTickLabel(label, scale.toPixel(value), TOP - 12),
    ]),
    bars.length === 0 ? makeElement('text', { x: 16, y: TOP + 16 }, 'Nothing has begun.') : null,
    bars.length > 0 && now >= from && now <= to
      ? makeElement('path', {
          class: 'now',
          d: `M${roundCoordinate(scale.toPixel(now))} ${TOP - 8}V${height - 16}`,
        })
      : null,
    lanes.map((lane, index) => drawLane(lane, TOP + index * ROW, (time) => scale.toPixel(time), now)),
  );
}

/** Bar with its place, in pixels. */
interface PlacedBar extends GanttBar {
  readonly x: number;
  readonly width: number;
  readonly seconds: number;
}

function drawLane(lane: GanttLane, y: number, at: (time: number) => number, now: number): Markup {
  const bars = lane.bars
    .flatMap((bar): readonly PlacedBar[] => {
      const start = parseServerTime(bar.start);
      const end = bar.end === null ? now : parseServerTime(bar.end);
      if (start === null || end === null) return [];
      return [
        { ...bar, x: at(start), width: Math.max(at(end) - at(start), 2), seconds: (end - start) / 1000 },
      ];
    })
    .sort((one, other) => one.x - other.x);
  return makeElement(
    'g',
    {},
    makeElement('text', { x: 16, y: y + 16 }, fitText(lane.name, LEFT - 32, 13)),
    bars.map((bar) =>
      makeElement(
        'g',
        {},
        makeElement(
          'title',
          {},
          `${lane.name}: ${bar.label}, ${stateWordOf(bar.state)}, ${formatShortDuration(bar.seconds)}, from ${bar.start} to ${bar.end ?? 'now'}`,
        ),
        makeElement('rect', {
          class: `bar ${bar.state}`,
          x: roundCoordinate(bar.x),
          y: y + 4,
          width: roundCoordinate(bar.width),
          height: 10,
          rx: 2,
        }),
      ),
    ),
    drawLabels(bars, y),
  );
}

/** Width in pixels of a state's symbol with the space after it. */
const SYMBOL = 14;
/** Width in pixels below which a name is left out, because too little of it would remain. */
const MIN_NAME_WIDTH = 30;
/** States that are shown below a bar however little room there is: all but that of a step that ended well. */
const ALWAYS_SHOWN: ReadonlySet<PictureState> = new Set([
  'failed',
  'stalled',
  'canceled',
  'running',
  'waiting',
]);

/**
 * Writes the state and the name of each bar below the bar, as far as there is room before the next bar. The state of a
 * step that has not ended well is always shown.
 */
function drawLabels(bars: readonly PlacedBar[], y: number): Markup {
  let free = 0;
  const labels = bars.map(({ x, state, label }, index) => {
    const left = ALWAYS_SHOWN.has(state) ? Math.max(x, free) : x;
    if (left < free) return null;
    const room = (bars[index + 1]?.x ?? PICTURE_WIDTH_PX) - left - SYMBOL - 4;
    if (room < -4 && !ALWAYS_SHOWN.has(state)) return null;
    const name = room < MIN_NAME_WIDTH ? '' : fitText(label, room, 11);
    free = left + SYMBOL + estimateTextWidth(name, 11);
    return [
      drawStateSymbol(state, roundCoordinate(left), y + 15, 10),
      name === ''
        ? null
        : makeElement('text', { x: roundCoordinate(left + SYMBOL), y: y + 24, class: 'small' }, name),
    ];
  });
  return joinMarkup(labels);
}
