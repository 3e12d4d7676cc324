import { formatCount } from '../model/display-texts';
import { makeSvgPicture, PICTURE_WIDTH_PX } from './svg-picture';
import { roundCoordinate, makeElement, fitText, estimateTextWidth, wrapText, type Markup } from './markup';
import { formatShortMoment } from './axis-scale';
import { drawStateSymbol, stateWordOf, type PictureState } from './picture-state';

/** Number of objects of one kind that have one status. */
export interface EstateStateCount {
  readonly state: PictureState;
  readonly count: number;
  /** Label of these objects: "never executed". */
  readonly label: string;
}

/** Objects of one kind, such as transfers, counted by status. */
export interface EstateGroup {
  readonly name: string;
  readonly parts: readonly EstateStateCount[];
}

/** Data of the picture of an estate. */
export interface EstatePictureData {
  readonly title: string;
  readonly as_of: string;
  readonly groups: readonly EstateGroup[];
  /** Sentences about the most urgent problems. */
  readonly attention: readonly string[];
}

const LEFT = 176;
const RIGHT = PICTURE_WIDTH_PX - 24;
const TOP = 56;
/** Height of a group in pixels without its label lines: bar, gap, and space below. */
const BAR_HEIGHT = 34;
/** Height in pixels of one line of labels. */
const LABEL_LINE_HEIGHT = 18;
const LINE = 20;
/** Width in pixels of a state's symbol with the space after it. */
const SYMBOL = 16;
const GAP = 14;

/** Draws an estate: a bar for each kind of object, divided by state, and the most urgent problems below. */
export function drawEstate({ title, as_of: asOf, groups, attention }: EstatePictureData): Markup {
  const tops: number[] = [];
  let listed = TOP;
  for (const group of groups) {
    tops.push(listed);
    listed += BAR_HEIGHT + Math.max(placeLabels(group).lines, 1) * LABEL_LINE_HEIGHT;
  }
  listed += 12;
  const lines = attention.flatMap((sentence) => wrapText(`• ${sentence}`, PICTURE_WIDTH_PX - 56, 13));
  const height = listed + (lines.length === 0 ? 24 : 28 + lines.length * LINE);
  return makeSvgPicture(
    {
      title,
      description: `${groups.map(({ name, parts }) => `${name}: ${total(parts)}`).join(', ')}; ${formatCount(attention.length, 'thing')} to look at; as of ${formatShortMoment(asOf)}.`,
      height,
    },
    makeElement(
      'text',
      { x: PICTURE_WIDTH_PX - 16, y: 28, class: 'small end' },
      `as of ${formatShortMoment(asOf)}`,
    ),
    groups.map((group, index) => drawGroup(group, tops[index] ?? TOP)),
    makeElement(
      'text',
      { x: 16, y: listed + 8, class: 'small' },
      attention.length === 0 ? 'Nothing needs attention.' : 'To look at first:',
    ),
    lines.map((line, index) => makeElement('text', { x: 28, y: listed + 8 + (index + 1) * LINE }, line)),
  );
}

const total = (parts: readonly EstateStateCount[]): number =>
  parts.reduce((sum, { count }) => sum + count, 0);

/**
 * Label of one part of a bar, with its place below the bar: `x` in pixels from the left end of the bar, `line` counted
 * from 0.
 */
interface PlacedLabel {
  readonly state: PictureState;
  readonly text: string;
  readonly x: number;
  readonly line: number;
}

/**
 * Places the labels of a bar's parts one after the other in lines, because narrow parts have no room for their own
 * label.
 */
function placeLabels({ parts }: EstateGroup): {
  readonly labels: readonly PlacedLabel[];
  readonly lines: number;
} {
  const labels: PlacedLabel[] = [];
  let [x, line] = [0, 0];
  for (const { state, count, label } of parts) {
    if (count === 0) continue;
    const text = `${count} ${label}`;
    const width = SYMBOL + estimateTextWidth(text, 11) + GAP;
    if (x > 0 && x + width > RIGHT - LEFT) [x, line] = [0, line + 1];
    labels.push({ state, text, x, line });
    x += width;
  }
  return { labels, lines: labels.length === 0 ? 0 : line + 1 };
}

function drawGroup(group: EstateGroup, y: number): Markup {
  const { name, parts } = group;
  const all = total(parts);
  const shown = parts.filter(({ count }) => count > 0);
  let x = LEFT;
  return makeElement(
    'g',
    {},
    makeElement(
      'text',
      { x: 16, y: y + 14 },
      fitText(name, LEFT - 12 - estimateTextWidth(String(all), 13) - 8 - 16, 13),
    ),
    makeElement('text', { x: LEFT - 12, y: y + 14, class: 'end' }, all),
    all === 0
      ? makeElement('rect', { class: 'track', x: LEFT, y, width: RIGHT - LEFT, height: 18, rx: 3 })
      : null,
    shown.map(({ state, count, label }) => {
      const width = ((RIGHT - LEFT) * count) / all;
      const left = x;
      x += width;
      return makeElement(
        'g',
        {},
        makeElement('title', {}, `${name}: ${count} ${label} (${stateWordOf(state)})`),
        makeElement('rect', {
          class: `bar ${state}`,
          x: roundCoordinate(left),
          y,
          width: roundCoordinate(Math.max(width - 2, 1)),
          height: 18,
          rx: 3,
        }),
      );
    }),
    placeLabels(group).labels.map((label) => {
      const top = y + 24 + label.line * LABEL_LINE_HEIGHT;
      return [
        drawStateSymbol(label.state, roundCoordinate(LEFT + label.x), top),
        makeElement(
          'text',
          { x: roundCoordinate(LEFT + label.x + SYMBOL), y: top + 10, class: 'small' },
          label.text,
        ),
      ];
    }),
  );
}
