import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeElement, estimateTextWidth } from '../../src/pictures/markup';

/**
 * Badges of the README, drawn into files of this repository. A reader's browser asks no other server for them, and
 * their values come from the packages.
 */

const root = join(__dirname, '../..');

const readManifest = (path: string): Manifest =>
  JSON.parse(readFileSync(join(root, path), 'utf8')) as Manifest;

interface Manifest {
  readonly license: string;
  readonly engines: { readonly node: string };
  readonly dependencies: Readonly<Record<string, string>>;
}

/** First parts of the n8n version in tools/locks/<tool>/package.json: of "2.41.1" one part is "2", two are "2.41". */
const n8nVersionOf = (tool: string, parts: number): string =>
  (readManifest(`tools/locks/${tool}/package.json`).dependencies['n8n'] ?? '')
    .split('.')
    .slice(0, parts)
    .join('.');

/** Label and value of each badge, by file. */
export const makeBadgeTexts = (): Readonly<Record<string, readonly [label: string, value: string]>> => {
  const { license, engines } = readManifest('package.json');
  return {
    'badge-licence': ['licence', license],
    'badge-node': ['Node.js', engines.node.replace('>=', '≥ ')],
    'badge-n8n': ['n8n', `${n8nVersionOf('n8n', 1)}.x, ${n8nVersionOf('n8n-oldest', 2)}`],
  };
};

const FONT = 11;
const PAD = 7;

/** Draws a badge, readable on light and dark pages. */
export function drawBadge(label: string, value: string): string {
  const left = Math.ceil(estimateTextWidth(label, FONT)) + 2 * PAD;
  const width = left + Math.ceil(estimateTextWidth(value, FONT)) + 2 * PAD;
  const text = (x: number, words: string) =>
    makeElement('text', { x, y: 14, 'text-anchor': 'middle' }, words);
  return makeElement(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      width,
      height: 20,
      role: 'img',
      'aria-label': `${label}: ${value}`,
      'font-family': 'Verdana,DejaVu Sans,sans-serif',
      'font-size': FONT,
      fill: '#fff',
    },
    makeElement('title', {}, `${label}: ${value}`),
    makeElement('rect', { width, height: 20, rx: 3, fill: '#0550ae' }),
    makeElement('path', { d: `M3 0H${left}V20H3A3 3 0 0 1 0 17V3A3 3 0 0 1 3 0`, fill: '#444c56' }),
    text(left / 2, label),
    text((left + width) / 2, value),
  ).markup;
}

/** Draws a button with a text. */
export function drawButton(words: string): string {
  const width = Math.ceil(estimateTextWidth(words, FONT)) + 4 * PAD;
  return makeElement(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      width,
      height: 24,
      role: 'img',
      'aria-label': words,
      'font-family': 'Verdana,DejaVu Sans,sans-serif',
      'font-size': FONT,
      fill: '#fff',
    },
    makeElement('title', {}, words),
    makeElement('rect', { width, height: 24, rx: 4, fill: '#0550ae' }),
    makeElement('text', { x: width / 2, y: 16, 'text-anchor': 'middle' }, words),
  ).markup;
}
