import {
  makeElement,
  joinMarkup,
  roundCoordinate,
  estimateTextWidth,
  type ElementContent,
  type Markup,
} from './markup';
import { PICTURE_STYLE } from './css-style';

/** Width of every picture, in pixels. Pages scale a picture to the space that they have. */
export const PICTURE_WIDTH_PX = 960;

/** Title, description and height of a picture. */
export interface PictureFrame {
  readonly title: string;
  /** One sentence with the figures that matter, for readers who do not see the picture. */
  readonly description: string;
  readonly height: number;
}

/** Maximum number of rows in one picture, so that it fits on a printed page, A4 or Letter. */
const ROWS_PER_PICTURE = 40;

/**
 * Draws rows as one picture, or as several below each other when they are too many for a printed page.
 * @param draw draws some of the rows under a title. When there are several pictures, each title says which rows it
 *   shows
 * @param rowsPerPicture fewer than usual when some rows are higher
 */
export function drawInSheets<Row>(
  title: string,
  rows: readonly Row[],
  draw: (title: string, rows: readonly Row[]) => Markup,
  rowsPerPicture = ROWS_PER_PICTURE,
): Markup {
  if (rows.length <= rowsPerPicture) return draw(title, rows);
  const sheets: Markup[] = [];
  for (let from = 0; from < rows.length; from += rowsPerPicture) {
    const part = rows.slice(from, from + rowsPerPicture);
    sheets.push(draw(`${title}, ${from + 1} to ${from + part.length} of ${rows.length}`, part));
  }
  return joinMarkup(sheets);
}

/** Draws the label of a grid line, centred at `x` or as near to it as the picture reaches. */
export function drawTickLabel(label: string, x: number, y: number): Markup {
  const half = estimateTextWidth(label, 11) / 2 + 4;
  const inside = Math.min(Math.max(x, half), PICTURE_WIDTH_PX - half);
  return makeElement('text', { x: roundCoordinate(inside), y, class: 'small middle' }, label);
}

/** Makes a self-contained SVG picture, with its styles, and without scripts and external resources. */
export const makeSvgPicture = (
  { title, description, height }: PictureFrame,
  ...content: readonly ElementContent[]
): Markup =>
  makeElement(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${PICTURE_WIDTH_PX} ${height}`,
      width: PICTURE_WIDTH_PX,
      height,
      class: 'picture',
      role: 'img',
      'aria-label': `${title}. ${description}`,
    },
    makeElement('title', {}, title),
    makeElement('desc', {}, description),
    { markup: `<style>${PICTURE_STYLE}</style>` },
    makeElement('rect', { class: 'ground', width: PICTURE_WIDTH_PX, height }),
    makeElement('text', { x: 16, y: 28, class: 'title' }, title),
    content,
  );
