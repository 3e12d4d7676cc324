import { drawInSheets, makeSvgPicture, PICTURE_WIDTH_PX } from './svg-picture';
import { roundCoordinate, estimateTextWidth, makeElement, fitText, type Markup } from './markup';
import { formatShortDuration, formatShortMoment } from './axis-scale';
import { drawLegend, drawStateSymbol, stateWordOf, type PictureState } from './picture-state';

/** Row in the picture of a board: one machine, execution or deployment. */
export interface BoardPictureRow {
  readonly name: string;
  readonly state: PictureState;
  /** Current step: "first sync", "final sync", "deployment". */
  readonly stage: string;
  /** Progress, 0 to 100; null while unknown. */
  readonly percent: number | null;
  readonly eta_seconds: number | null;
  /** Reason why the machine waits or has failed; null without one. */
  readonly note: string | null;
}

/** Data of the picture of a board. */
export interface BoardPicture {
  readonly title: string;
  /** Time at which the figures were read, ISO 8601. */
  readonly as_of: string;
  readonly rows: readonly BoardPictureRow[];
}

const ROW = 24;
/** Height in pixels of a row whose note has a line of its own. */
const HIGH_ROW = 42;
const TOP = 76;
/** Left end and width in pixels of the figures and the note at the right of a row. */
const FIGURES = { x: 612, width: PICTURE_WIDTH_PX - 16 - 612 };
/** Left end and width in pixels of a note on a line of its own. */
const NOTE = { x: 40, width: PICTURE_WIDTH_PX - 16 - 40 };
/** Maximum number of rows in one picture when some of them are high. */
const HIGH_ROWS_PER_PICTURE = 24;

/**
 * Draws a board: one row for each machine with state, name, stage, progress bar, time left and note. A note that is too long to
 * stand beside the figures has a line of its own.
 */
export const drawBoard = ({ title, as_of: asOf, rows }: BoardPicture): Markup =>
  drawInSheets(
    title,
    rows,
    (sheetTitle, part) => drawSheet({ title: sheetTitle, as_of: asOf, rows: part }),
    rows.some(hasOwnLine) ? HIGH_ROWS_PER_PICTURE : undefined,
  );

/** Figures at the right of a row: progress and time left. */
const figuresOf = ({ percent, eta_seconds: eta }: BoardPictureRow): readonly string[] => [
  ...(percent === null ? [] : [`${Math.round(clampPercent(percent))} %`]),
  ...(eta === null || eta === 0 ? [] : [`${formatShortDuration(eta)} left`]),
];

const clampPercent = (percent: number): number => Math.min(Math.max(percent, 0), 100);

const withNote = (row: BoardPictureRow): string =>
  [...figuresOf(row), ...(row.note === null ? [] : [row.note])].join(' · ');

/** Whether the note of a row is too long to stand beside its figures. */
const hasOwnLine = (row: BoardPictureRow): boolean =>
  row.note !== null && estimateTextWidth(withNote(row), 11) > FIGURES.width;

const heightOf = (row: BoardPictureRow): number => (hasOwnLine(row) ? HIGH_ROW : ROW);

function drawSheet({ title, as_of: asOf, rows }: BoardPicture): Markup {
  const counts = new Map<PictureState, number>();
  for (const { state } of rows) counts.set(state, (counts.get(state) ?? 0) + 1);
  const figures = [...counts].map(([state, count]) => `${count} ${stateWordOf(state)}`).join(', ');
  const tops: number[] = [];
  let bottom = TOP;
  for (const row of rows) {
    tops.push(bottom);
    bottom += heightOf(row);
  }
  const height = Math.max(bottom, TOP + ROW) + 16;
  return makeSvgPicture(
    {
      title,
      description: `${figures === '' ? 'No machines' : figures}; as of ${formatShortMoment(asOf)}.`,
      height,
    },
    makeElement(
      'text',
      { x: PICTURE_WIDTH_PX - 16, y: 28, class: 'small end' },
      `as of ${formatShortMoment(asOf)}`,
    ),
    drawLegend(counts.keys(), 16, 42),
    rows.length === 0
      ? makeElement('text', { x: 16, y: TOP + 16 }, 'No machines.')
      : rows.map((row, index) => drawRow(row, tops[index] ?? TOP)),
  );
}

function drawRow(row: BoardPictureRow, y: number): Markup {
  const percent = row.percent === null ? null : clampPercent(row.percent);
  const beside = hasOwnLine(row) ? figuresOf(row).join(' · ') : withNote(row);
  return makeElement(
    'g',
    {},
    makeElement(
      'title',
      {},
      [row.name, stateWordOf(row.state), row.stage, withNote(row)].filter((part) => part !== '').join(', '),
    ),
    makeElement('path', { class: 'grid', d: `M16 ${y + heightOf(row)}H${PICTURE_WIDTH_PX - 16}` }),
    drawStateSymbol(row.state, 18, y + 6),
    makeElement('text', { x: 40, y: y + 16 }, fitText(row.name, 220, 13)),
    makeElement('text', { x: 272, y: y + 16, class: 'small' }, fitText(row.stage, 140, 11)),
    makeElement('rect', { class: 'track', x: 420, y: y + 7, width: 180, height: 10, rx: 3 }),
    percent === null
      ? null
      : makeElement('rect', {
          class: `bar ${row.state}`,
          x: 420,
          y: y + 7,
          width: roundCoordinate(percent * 1.8),
          height: 10,
          rx: 3,
        }),
    makeElement('text', { x: FIGURES.x, y: y + 16, class: 'small' }, fitText(beside, FIGURES.width, 11)),
    hasOwnLine(row)
      ? makeElement('text', { x: NOTE.x, y: y + 34, class: 'small' }, fitText(row.note ?? '', NOTE.width, 11))
      : null,
  );
}
