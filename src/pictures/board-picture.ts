import { drawInSheets, makeSvgPicture, PICTURE_WIDTH_PX } from './svg-picture';
import { roundCoordinate, makeElement, fitText, joinMarkup, type Markup } from './markup';
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
const TOP = 76;

/** Draws a board: one row for each machine with state, name, stage, progress bar, time left and note. */
export const drawBoard = ({ title, as_of: asOf, rows }: BoardPicture): Markup =>
  drawInSheets(title, rows, (sheetTitle, part) => drawSheet({ title: sheetTitle, as_of: asOf, rows: part }));

function drawSheet({ title, as_of: asOf, rows }: BoardPicture): Markup {
  const counts = new Map<PictureState, number>();
  for (const { state } of rows) counts.set(state, (counts.get(state) ?? 0) + 1);
  const figures = [...counts].map(([state, count]) => `${count} ${stateWordOf(state)}`).join(', ');
  const height = TOP + Math.max(rows.length, 1) * ROW + 16;
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
    rows.length === 0 ? makeElement('text', { x: 16, y: TOP + 16 }, 'No machines.') : rows.map(drawRow),
  );
}

function drawRow(row: BoardPictureRow, index: number): Markup {
  const y = TOP + index * ROW;
  const percent = row.percent === null ? null : Math.min(Math.max(row.percent, 0), 100);
  const right = [
    percent === null ? null : `${Math.round(percent)} %`,
    row.eta_seconds === null || row.eta_seconds === 0 ? null : `${formatShortDuration(row.eta_seconds)} left`,
    row.note,
  ].filter((part) => part !== null);
  return makeElement(
    'g',
    {},
    makeElement('title', {}, [row.name, stateWordOf(row.state), row.stage, ...right].join(', ')),
    makeElement('path', { class: 'grid', d: `M16 ${y + ROW}H${PICTURE_WIDTH_PX - 16}` }),
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
    joinMarkup(
      makeElement(
        'text',
        { x: 612, y: y + 16, class: 'small' },
        fitText(right.join(' · '), PICTURE_WIDTH_PX - 16 - 612, 11),
      ),
    ),
  );
}
