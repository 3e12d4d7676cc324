import { formatCount } from '../model/display-texts';
import { drawInSheets, drawTickLabel, makeSvgPicture, PICTURE_WIDTH_PX } from './svg-picture';
import { roundCoordinate, makeElement, fitText, estimateTextWidth, type Markup } from './markup';
import { makeDurationScale, formatShortDuration, formatShortMoment, type AxisScale } from './axis-scale';
import { drawLegend, drawStateSymbol, type PictureState } from './picture-state';

/** Age of the last usable copy of a machine or transfer. */
export interface CopyAge {
  readonly name: string;
  /** Age of the copy in seconds; null when there is no usable copy. */
  readonly last_copy_age_seconds: number | null;
  /** Reason why there is no usable copy; null when there is one. */
  readonly reason: string | null;
}

/** Data of the chart of copy ages. */
export interface CopyAgeChart {
  readonly title: string;
  readonly as_of: string;
  /** Recovery point objective in seconds; null when none is set. */
  readonly rpo_seconds: number | null;
  readonly rows: readonly CopyAge[];
}

const LEFT = 260;
const RIGHT = PICTURE_WIDTH_PX - 110;
const TOP = 92;
const ROW = 24;

/**
 * State of a copy by its age and the recovery point objective (RPO), both in seconds. No copy is `failed`, and one
 * older than the RPO `stalled`. Without an RPO every copy is good.
 */
export const pictureStateOfCopyAge = (age: number | null, rpo: number | null): PictureState =>
  age === null ? 'failed' : rpo !== null && age > rpo ? 'stalled' : 'done';

/**
 * Draws the age of each last usable copy as a bar, with the RPO as a line. Missing copies come first, then the oldest.
 */
export function drawCopyAges({ title, as_of: asOf, rpo_seconds: rpo, rows }: CopyAgeChart): Markup {
  const sorted = [...rows].sort(
    (one, other) => (other.last_copy_age_seconds ?? Infinity) - (one.last_copy_age_seconds ?? Infinity),
  );
  const longest = Math.max(rpo ?? 0, ...rows.map((row) => row.last_copy_age_seconds ?? 0));
  const scale = makeDurationScale(longest, LEFT, RIGHT);
  return drawInSheets(title, sorted, (sheetTitle, part) =>
    drawSheet({ title: sheetTitle, as_of: asOf, rpo_seconds: rpo, rows: part }, scale),
  );
}

function drawSheet({ title, as_of: asOf, rpo_seconds: rpo, rows }: CopyAgeChart, scale: AxisScale): Markup {
  const height = TOP + Math.max(rows.length, 1) * ROW + 16;
  const missing = rows.filter((row) => row.last_copy_age_seconds === null).length;
  const late = rows.filter(
    (row) => pictureStateOfCopyAge(row.last_copy_age_seconds, rpo) === 'stalled',
  ).length;
  return makeSvgPicture(
    {
      title,
      description: `${formatCount(rows.length, 'machine')}, ${missing} without a usable copy, ${late} older than ${rpo === null ? 'no objective' : `the objective of ${formatShortDuration(rpo)}`}; as of ${formatShortMoment(asOf)}.`,
      height,
    },
    makeElement(
      'text',
      { x: PICTURE_WIDTH_PX - 16, y: 28, class: 'small end' },
      `as of ${formatShortMoment(asOf)}`,
    ),
    makeElement(
      'text',
      { x: 16, y: 50, class: 'small' },
      rpo === null
        ? 'No objective is set.'
        : `Objective (RPO): ${formatShortDuration(rpo)}${rows.length === 0 ? '' : ', the dashed line'}.`,
    ),
    drawLegend(
      rows.map((row) => pictureStateOfCopyAge(row.last_copy_age_seconds, rpo)),
      LEFT + 160,
      40,
      { done: rpo === null ? 'a copy' : 'within it', stalled: 'older', failed: 'no copy' },
    ),
    rows.length === 0 ? makeElement('text', { x: 16, y: TOP + 16 }, 'No machines.') : null,
    (rows.length === 0 ? [] : scale.ticks).map(({ value, label }) => [
      makeElement('path', {
        class: 'grid',
        d: `M${roundCoordinate(scale.toPixel(value))} ${TOP - 8}V${height - 12}`,
      }),
      drawTickLabel(label, scale.toPixel(value), TOP - 14),
    ]),
    rows.map((row, index) => drawBar(row, TOP + index * ROW, (value) => scale.toPixel(value), rpo)),
    rpo === null || rows.length === 0
      ? null
      : makeElement('path', {
          class: 'limit',
          d: `M${roundCoordinate(scale.toPixel(rpo))} ${TOP - 8}V${height - 12}`,
        }),
    // The words are drawn after the lines, each on a ground of its own, so that no line crosses them.
    rows.map((row, index) => drawWords(row, TOP + index * ROW, (value) => scale.toPixel(value), rpo)),
  );
}

function drawBar(row: CopyAge, y: number, at: (value: number) => number, rpo: number | null): Markup | null {
  const age = row.last_copy_age_seconds;
  if (age === null) return null;
  return makeElement('rect', {
    class: `bar ${pictureStateOfCopyAge(age, rpo)}`,
    x: LEFT,
    y: y + 7,
    width: roundCoordinate(Math.max(at(age) - LEFT, 2)),
    height: 10,
    rx: 2,
  });
}

function drawWords(row: CopyAge, y: number, at: (value: number) => number, rpo: number | null): Markup {
  const age = row.last_copy_age_seconds;
  const words =
    age === null
      ? `no copy${row.reason === null ? '' : `: ${row.reason.replaceAll('_', ' ')}`}`
      : formatShortDuration(age);
  const left = roundCoordinate((age === null ? LEFT : at(age)) + 8);
  const shown = fitText(words, PICTURE_WIDTH_PX - 16 - left, 11);
  return makeElement(
    'g',
    {},
    makeElement('title', {}, `${row.name}: ${words}`),
    drawStateSymbol(pictureStateOfCopyAge(age, rpo), 18, y + 6),
    makeElement('text', { x: 40, y: y + 16 }, fitText(row.name, LEFT - 56, 13)),
    makeElement('rect', {
      class: 'ground',
      x: left - 3,
      y: y + 5,
      width: roundCoordinate(estimateTextWidth(shown, 11) + 6),
      height: 15,
    }),
    makeElement('text', { x: left, y: y + 16, class: 'small' }, shown),
  );
}
