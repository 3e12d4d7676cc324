import { element, type ElementContent, type Markup } from './svg-html';
import { PICTURE_STYLE } from './css-style';

/** Width of every picture, in pixels; pages scale it to the space they have. */
export const PICTURE_WIDTH = 960;

/** Title, description and height of a picture. */
export interface PictureFrame {
  readonly title: string;
  /** One sentence with the figures that matter, for readers who do not see the picture. */
  readonly description: string;
  readonly height: number;
}

/** Makes a self-contained SVG picture: with its styles, without scripts and external resources. */
export const svgPicture = (
  { title, description, height }: PictureFrame,
  ...content: readonly ElementContent[]
): Markup =>
  element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${PICTURE_WIDTH} ${height}`,
      width: PICTURE_WIDTH,
      height,
      class: 'picture',
      role: 'img',
      'aria-label': `${title}. ${description}`,
    },
    element('title', {}, title),
    element('desc', {}, description),
    { markup: `<style>${PICTURE_STYLE}</style>` },
    element('rect', { class: 'ground', width: PICTURE_WIDTH, height }),
    element('text', { x: 16, y: 28, class: 'title' }, title),
    content,
  );
