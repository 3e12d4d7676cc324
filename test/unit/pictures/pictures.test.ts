import { drawBoard } from '../../../src/pictures/board-picture';
import { copyAgeState, drawCopyAges } from '../../../src/pictures/copy-age-chart';
import { drawDurations } from '../../../src/pictures/duration-chart';
import { drawEstate } from '../../../src/pictures/estate-picture';
import { drawGantt } from '../../../src/pictures/gantt-chart';
import { element, fitText, textWidth, type Markup } from '../../../src/pictures/svg-html';
import { htmlCode, htmlFigure, htmlPage, htmlSection, htmlTable } from '../../../src/pictures/html-page';
import { durationScale, shortDuration, timeScale } from '../../../src/pictures/axis-scale';
import { board, copyAges, durations, estate, gantt } from './samples';

/** The promises of every picture: well formed, self-contained, without script, the same bytes for the same data. */

const drawings: ReadonlyArray<readonly [string, (rows: number) => Markup]> = [
  ['board', (rows) => drawBoard(board(rows))],
  ['gantt', (rows) => drawGantt(gantt(rows))],
  ['copy ages', (rows) => drawCopyAges(copyAges(rows))],
  ['durations', (rows) => drawDurations(durations(rows))],
  ['estate', () => drawEstate(estate)],
];

/** Names of elements that were opened and not closed, in a text without comments and void elements. */
function unclosed(markup: string): readonly string[] {
  const open: string[] = [];
  for (const [, end, name = '', , empty] of markup.matchAll(
    /<(\/?)([a-z][a-z0-9]*)((?:\s+[\w:-]+="[^"<>]*")*)\s*(\/?)>/giu,
  )) {
    if (end === '/') {
      if (open.pop() !== name) return [`</${name}>`];
    } else if (empty !== '/' && !['meta', 'br'].includes(name)) open.push(name);
  }
  return open;
}

describe.each(drawings)('%s', (_name, draw) => {
  test.each([0, 1, 30, 500])('of %d rows is well formed and fits into its frame', (rows) => {
    const { markup } = draw(rows);
    expect(unclosed(markup)).toEqual([]);
    expect(markup).not.toMatch(/NaN|undefined|Infinity|\[object/u);
    const [, height = '0'] = /viewBox="0 0 960 (\d+)"/u.exec(markup) ?? [];
    const lowest = Math.max(...[...markup.matchAll(/ y="(-?[\d.]+)"/gu)].map(([, y]) => Number(y)), 0);
    expect(lowest).toBeLessThanOrEqual(Number(height));
    for (const [, x] of markup.matchAll(/ x="(-?[\d.]+)"/gu)) {
      expect(Number(x)).toBeGreaterThanOrEqual(0);
      expect(Number(x)).toBeLessThanOrEqual(960);
    }
  });

  test('holds no script and asks for nothing from outside', () => {
    const { markup } = draw(30);
    expect(markup).not.toMatch(
      /<script|javascript:|<foreignObject|<image|<use|\bon\w+=|url\(|@import|href=/iu,
    );
    expect(markup.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:/u);
  });

  test('says in words what it shows, and is the same for the same data', () => {
    expect(draw(30).markup).toMatch(/<svg [^>]*role="img" aria-label="[^"]{10,}/u);
    expect(draw(30)).toEqual(draw(30));
  });
});

const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onload='alert(1)",
  ']]><!--',
  '</style></svg>',
  '&lt;i&gt; &amp; &#x3c;',
  '\u202egpj.exe\u0000\u001b[31m',
  '\u200b\u{e0041}tag',
  '名前'.repeat(80),
  '🚀'.repeat(80),
  '\ud800',
];

test.each(HOSTILE)('a name %j stays text', (name) => {
  const page = htmlPage({
    title: name,
    subtitle: name,
    facts: [{ label: name, value: name }],
    content: [
      htmlSection(name, htmlFigure(drawBoard(board(1, () => name)), name)),
      htmlTable([{ title: name, cell: (row: string) => [row, htmlCode(row)] }], [name]),
    ],
  });
  expect(unclosed(page.replace('<!doctype html>', ''))).toEqual([]);
  expect(page).not.toMatch(/<script|<img|<!--|<i>/iu);
  expect(page).not.toMatch(/[\u0000-\u0008\u202a-\u202e\u200b]/u);
  expect(page.match(/<svg /gu)).toHaveLength(1);
});

test('a page forbids scripts and the network to itself', () => {
  const page = htmlPage({ title: 'Report', content: [] });
  expect(page).toContain('default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;');
  expect(page).toMatch(/^<!doctype html>\n<html lang="en">/u);
});

test('states are told by words too, not by colour alone', () => {
  const { markup } = drawBoard(board(7));
  for (const word of ['done', 'running', 'waiting', 'stalled', 'failed', 'canceled'])
    expect(markup).toContain(`>${word}<`);
});

test.each([
  [null, 60, 'failed'],
  [61, 60, 'stalled'],
  [60, 60, 'done'],
  [1e9, null, 'done'],
] as const)('a copy of age %p against an objective of %p is %s', (age, rpo, state) => {
  expect(copyAgeState(age, rpo)).toBe(state);
});

test.each([
  [0, '0 s'],
  [59.4, '59 s'],
  [60, '1 min'],
  [9000, '2 h 30 min'],
  [7200, '2 h'],
  [200_000, '2 d 8 h'],
])('%d seconds read %s', (seconds, text) => {
  expect(shortDuration(seconds)).toBe(text);
});

test.each([1, 59, 3600, 90_000, 86_400 * 400])(
  'a scale up to %d seconds has few ticks and keeps order',
  (longest) => {
    const { at, ticks } = durationScale(longest, 0, 100);
    expect(ticks.length).toBeGreaterThan(1);
    expect(ticks.length).toBeLessThanOrEqual(8);
    expect(at(longest)).toBeLessThanOrEqual(100);
    const time = timeScale(0, longest * 1000, 0, 100);
    expect(time.ticks.length).toBeLessThanOrEqual(10);
    expect(time.at(longest * 1000)).toBe(100);
  },
);

test('a long text is cut to its place', () => {
  const short = fitText('a very long name of a machine in a folder', 100, 13);
  expect(short).toMatch(/…$/u);
  expect(textWidth(short, 13)).toBeLessThanOrEqual(100);
});

it('keeps the blank between a word and the element after it', () => {
  expect(element('p', {}, 'the hash ', htmlCode('0a'), ' of it', '').markup).toBe(
    '<p>the hash <code>0a</code> of it</p>',
  );
  expect(element('p', {}, '  ').markup).toBe('<p></p>');
});
