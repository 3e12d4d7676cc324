import { makeElement, joinMarkup, roundCoordinate, type Markup } from './markup';

/**
 * State of a machine, an execution, a deployment or a copy in a picture. Each state has a symbol, a word and a colour.
 */
export type PictureState = 'done' | 'running' | 'waiting' | 'stalled' | 'failed' | 'canceled' | 'none';

interface StateLook {
  readonly word: string;
  /** SVG path of the symbol, in a square of 12 by 12 pixels. */
  readonly shape: string;
}

const LOOKS: Readonly<Record<PictureState, StateLook>> = {
  done: { word: 'done', shape: 'M1.5 6.5 4.6 9.6 10.5 2.8' },
  running: { word: 'running', shape: 'M3 1.5 10 6 3 10.5Z' },
  waiting: { word: 'waiting', shape: 'M3.5 2V10M8.5 2V10' },
  stalled: { word: 'stalled', shape: 'M6 1.5V7M6 9.3V10.5' },
  failed: { word: 'failed', shape: 'M2 2 10 10M10 2 2 10' },
  canceled: { word: 'canceled', shape: 'M2 6H10' },
  none: { word: 'not executed', shape: 'M6 2A4 4 0 1 0 6.01 2Z' },
};

/** All states, in the order of the legend. */
export const PICTURE_STATES = Object.keys(LOOKS) as readonly PictureState[];

/** Word for a state, as pictures show it. */
export const stateWordOf = (state: PictureState): string => LOOKS[state].word;

/** Draws the symbol of a state as an SVG group with its upper left corner at x, y. */
export const drawStateSymbol = (state: PictureState, x: number, y: number, size = 12): Markup =>
  makeElement(
    'g',
    {
      transform: `translate(${x} ${y})${size === 12 ? '' : ` scale(${roundCoordinate(size / 12)})`}`,
      class: `symbol ${state}`,
      'aria-hidden': 'true',
    },
    makeElement('path', { d: LOOKS[state].shape }),
  );

/**
 * Draws the legend: symbols and words of the states that a picture uses.
 * @param words for states that mean something else in this picture
 */
export function drawLegend(
  used: Iterable<PictureState>,
  x: number,
  y: number,
  words: Partial<Readonly<Record<PictureState, string>>> = {},
): Markup {
  const present = new Set(used);
  const shown = PICTURE_STATES.filter((state) => present.has(state));
  return joinMarkup(
    shown.map((state, index) => [
      drawStateSymbol(state, x + index * 92, y),
      makeElement(
        'text',
        { x: x + index * 92 + 18, y: y + 10, class: 'small' },
        words[state] ?? stateWordOf(state),
      ),
    ]),
  );
}
