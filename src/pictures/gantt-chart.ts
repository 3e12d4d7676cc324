import { countNoun } from '../model/display-names';
import { parseServerTime } from '../model/timestamps';
import { svgPicture, PICTURE_WIDTH } from './svg-picture';
import { roundCoordinate, element, fitText, type Markup } from './svg-html';
import { shortDuration, shortMoment, timeScale } from './axis-scale';
import { legend, stateWord, type PictureState } from './picture-state';

/** Bar of a Gantt chart: one step. */
export interface GanttBar {
  readonly label: string;
  /** Start, ISO 8601. */
  readonly start: string;
  /** End, ISO 8601; null while the work continues. */
  readonly end: string | null;
  readonly state: PictureState;
}

/** Lane of a Gantt chart: one machine. */
export interface GanttLane {
  readonly name: string;
  readonly bars: readonly GanttBar[];
}

/** Data of a Gantt chart. */
export interface GanttChart {
  readonly title: string;
  /** Moment of the figures, ISO 8601; open bars reach to it. */
  readonly as_of: string;
  readonly lanes: readonly GanttLane[];
}

const LEFT = 216;
const RIGHT = PICTURE_WIDTH - 24;
const TOP = 84;
const ROW = 26;

/** Draws a Gantt chart: one lane for each machine, one bar for each step. Times are UTC. */
export function drawGantt({ title, as_of: asOf, lanes }: GanttChart): Markup {
  const now = parseServerTime(asOf) ?? 0;
  const bars = lanes.flatMap((lane) => lane.bars);
  const times = bars.flatMap(({ start, end }) => [
    parseServerTime(start),
    end === null ? now : parseServerTime(end),
  ]);
  const known = times.filter((time) => time !== null);
  const from = known.length === 0 ? now : Math.min(...known);
  const to = known.length === 0 ? now + 1 : Math.max(...known, from + 1000);
  const scale = timeScale(from, to, LEFT, RIGHT);
  const height = TOP + Math.max(lanes.length, 1) * ROW + 20;
  return svgPicture(
    {
      title,
      description: `${countNoun(lanes.length, 'lane')} with ${countNoun(bars.length, 'step')} in ${shortDuration((to - from) / 1000)}, from ${shortMoment(new Date(from).toISOString())}.`,
      height,
    },
    element('text', { x: RIGHT, y: 28, class: 'small end' }, `as of ${shortMoment(asOf)}`),
    legend(
      bars.map(({ state }) => state),
      16,
      42,
    ),
    scale.ticks.map(({ value, label }) => [
      element('path', {
        class: 'grid',
        d: `M${roundCoordinate(scale.at(value))} ${TOP - 8}V${height - 16}`,
      }),
      element('text', { x: roundCoordinate(scale.at(value)), y: TOP - 12, class: 'small middle' }, label),
    ]),
    lanes.map((lane, index) => drawLane(lane, TOP + index * ROW, (time) => scale.at(time), now)),
    now >= from && now <= to
      ? element('path', { class: 'now', d: `M${roundCoordinate(scale.at(now))} ${TOP - 8}V${height - 16}` })
      : null,
  );
}

function drawLane(lane: GanttLane, y: number, at: (time: number) => number, now: number): Markup {
  return element(
    'g',
    {},
    element('text', { x: 16, y: y + 16 }, fitText(lane.name, LEFT - 32, 13)),
    lane.bars.map((bar) => {
      const start = parseServerTime(bar.start);
      const end = bar.end === null ? now : parseServerTime(bar.end);
      if (start === null || end === null) return null;
      const x = roundCoordinate(at(start));
      const width = roundCoordinate(Math.max(at(end) - at(start), 2));
      return element(
        'g',
        {},
        element(
          'title',
          {},
          `${lane.name}: ${bar.label}, ${stateWord(bar.state)}, ${shortDuration((end - start) / 1000)}, from ${bar.start} to ${bar.end ?? 'now'}`,
        ),
        element('rect', { class: `bar ${bar.state}`, x, y: y + 4, width, height: 10, rx: 2 }),
        width > 40
          ? element('text', { x: x + 2, y: y + 23, class: 'small' }, fitText(bar.label, width - 2, 11))
          : null,
      );
    }),
  );
}
