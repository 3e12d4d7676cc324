import { drawBoard } from '../../../src/pictures/board-picture';
import { pictureStateOfCopyAge, drawCopyAges } from '../../../src/pictures/copy-age-chart';
import { drawDurations } from '../../../src/pictures/duration-chart';
import { drawEstate } from '../../../src/pictures/estate-picture';
import { drawGantt } from '../../../src/pictures/gantt-chart';
import { makeElement, fitText, estimateTextWidth, type Markup } from '../../../src/pictures/markup';
import {
  makeHtmlCode,
  makeHtmlFigure,
  makeHtmlPage,
  makeHtmlSection,
  makeHtmlTable,
} from '../../../src/pictures/html-page';
import { makeDurationScale, formatShortDuration, makeTimeScale } from '../../../src/pictures/axis-scale';
import { board, copyAges, durations, estate, estateOf, gantt } from './samples';

/** The promises of every picture: well formed, self-contained, without script, the same bytes for the same data. */

const drawings: ReadonlyArray<readonly [string, (rows: number) => Markup]> = [
  ['board', (rows) => drawBoard(board(rows))],
  ['gantt', (rows) => drawGantt(gantt(rows))],
  ['copy ages', (rows) => drawCopyAges(copyAges(rows))],
  ['durations', (rows) => drawDurations(durations(rows))],
  ['estate', (rows) => drawEstate(estateOf(rows))],
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

const picturesIn = (markup: string): readonly string[] => markup.match(/<svg .*?<\/svg>/gsu) ?? [];
const heightOf = (picture: string): number =>
  Number(/viewBox="0 0 960 (\d+)"/u.exec(picture)?.[1] ?? Infinity);

describe.each(drawings)('%s', (_name, draw) => {
  test.each([0, 1, 30, 500])('of %d rows is well formed and fits into its frame', (rows) => {
    const { markup } = draw(rows);
    expect(unclosed(markup)).toEqual([]);
    expect(markup).not.toMatch(/NaN|undefined|Infinity|\[object/u);
    for (const picture of picturesIn(markup)) {
      const lowest = Math.max(...[...picture.matchAll(/ y="(-?[\d.]+)"/gu)].map(([, y]) => Number(y)), 0);
      expect(lowest).toBeLessThanOrEqual(heightOf(picture));
    }
    for (const [, x] of markup.matchAll(/ x="(-?[\d.]+)"/gu)) {
      expect(Number(x)).toBeGreaterThanOrEqual(0);
      expect(Number(x)).toBeLessThanOrEqual(960);
    }
  });

  test.each([0, 1, 30, 500])('of %d rows has no text that its frame cuts', (rows) => {
    for (const picture of picturesIn(draw(rows).markup)) {
      for (const [, x, kind = '', text = ''] of picture.matchAll(
        /<text x="([\d.]+)" y="[\d.]+"(?: class="([^"]*)")?>([^<]*)</gu,
      )) {
        const size = kind.includes('title') ? 16 : kind.includes('small') ? 11 : 13;
        const width = estimateTextWidth(text, size);
        const before = kind.includes('end') ? width : kind.includes('middle') ? width / 2 : 0;
        expect([text, Number(x) - before >= 0]).toEqual([text, true]);
        expect([text, Number(x) - before + width <= 960]).toEqual([text, true]);
      }
    }
  });

  test('of nothing says so', () => {
    expect(draw(0).markup).toMatch(/>(?:No (?:machines|runs)|Nothing has begun|Nothing needs attention)\.</u);
  });

  test.each([40, 41, 500])('of %d rows prints on whole pages', (rows) => {
    // Letter at 14 mm margins, scaled to its width; some of the height is left to a heading.
    const fits = picturesIn(draw(rows).markup).map((picture) => heightOf(picture) <= 1200);
    expect(fits.length).toBeGreaterThan(0);
    expect(fits).not.toContain(false);
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

test('pictures of many rows have each row once, and say which they are', () => {
  const { markup } = drawBoard(board(81));
  expect(picturesIn(markup).map((picture) => /class="title"[^>]*>([^<]*)</u.exec(picture)?.[1])).toEqual([
    'Wave 1, 1 to 40 of 81',
    'Wave 1, 41 to 80 of 81',
    'Wave 1, 81 to 81 of 81',
  ]);
  for (let row = 1; row <= 81; row += 1) expect(markup.split(`>web-${row}<`)).toHaveLength(2);
});

test('pictures of many rows have one scale', () => {
  const ticksOf = (picture: string) =>
    [...picture.matchAll(/class="grid" d="M([\d.]+) /gu)].map(([, x]) => x);
  for (const { markup } of [drawGantt(gantt(81)), drawCopyAges(copyAges(81))]) {
    const [first, ...others] = picturesIn(markup).map(ticksOf);
    expect(others).toHaveLength(2);
    for (const other of others) expect(other).toEqual(first);
  }
});

test.each(['failed', 'stalled', 'canceled', 'running', 'waiting'] as const)(
  'a step that is %s shows so, however short it is',
  (state) => {
    const at = (minute: number): string => new Date(Date.UTC(2026, 10, 28, 20, minute)).toISOString();
    const bars = [0, 1, 2].map((minute) => ({
      label: 'sync',
      start: at(minute),
      end: at(minute + 1),
      state: minute === 1 ? state : ('done' as const),
    }));
    const long = { label: 'deployment', start: at(3), end: at(3000), state: 'done' as const };
    const { markup } = drawGantt({
      title: 'T',
      as_of: at(3000),
      lanes: [{ name: 'web-1', bars: [...bars, long] }],
    });
    // Once in the legend and once below the bar.
    expect(markup.split(`class="symbol ${state}"`)).toHaveLength(3);
  },
);

test('a large total of an estate leaves room for the name, and a long sentence is whole', () => {
  const { markup } = drawEstate({
    ...estate,
    groups: [{ name: 'Deployments', parts: [{ state: 'done', count: 617_000, label: 'completed' }] }],
    attention: [`db-01 stands still ${'and nobody looks at it '.repeat(12)}since 4 h.`],
  });
  const [, start, name = ''] = /<text x="(\d+)" y="\d+">([^<]+)<\/text><text/u.exec(markup) ?? [];
  const [, end] = /<text x="(\d+)" y="\d+" class="end">617000</u.exec(markup) ?? [];
  expect(name).toBe('Deployments');
  expect(Number(start) + estimateTextWidth(name, 13)).toBeLessThan(
    Number(end) - estimateTextWidth('617000', 13),
  );
  expect(markup).toContain('since 4 h.<');
  expect(markup).not.toContain('…');
});

test('a single point of durations is seen on a narrow screen without scrolling', () => {
  const { markup } = drawDurations(durations(1));
  // The last symbol is that of the point; the one before is in the legend.
  const [, x] = [...markup.matchAll(/translate\(([\d.]+) /gu)].at(-1) ?? [];
  expect(Number(x)).toBeLessThan(300);
});

test('the symbols of copies are explained', () => {
  const { markup } = drawCopyAges(copyAges(30));
  for (const word of ['within it', 'older', 'no copy']) expect(markup).toContain(`class="small">${word}<`);
});

test('a reason that is long has a line of its own, and pages hold fewer of such rows', () => {
  const note = 'Destination quota exceeded: raise the quota or delete leftovers, then repeat the failed step';
  const rows = board(40).rows.map((row) => ({ ...row, note }));
  const { markup } = drawBoard({ ...board(0), rows });

  expect(markup.split(`>${note}<`)).toHaveLength(41);
  expect(picturesIn(markup).length).toBeGreaterThan(1);
  for (const picture of picturesIn(markup)) expect(heightOf(picture)).toBeLessThanOrEqual(1200);
});

test('an estate names the number of each state, however few there are', () => {
  const { markup } = drawEstate(estate);
  for (const words of ['12 failed', '2 stalled', '4 waiting']) expect(markup).toContain(`>${words}<`);
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
  const page = makeHtmlPage({
    title: name,
    subtitle: name,
    facts: [{ label: name, value: name }],
    content: [
      makeHtmlSection(name, makeHtmlFigure(drawBoard(board(1, () => name)), name)),
      makeHtmlTable([{ title: name, cell: (row: string) => [row, makeHtmlCode(row)] }], [name]),
    ],
  });
  expect(unclosed(page.replace('<!doctype html>', ''))).toEqual([]);
  expect(page).not.toMatch(/<script|<img|<!--|<i>/iu);
  expect(page).not.toMatch(/[\u0000-\u0008\u202a-\u202e\u200b]/u);
  expect(page.match(/<svg /gu)).toHaveLength(1);
});

test('a page forbids scripts and the network to itself', () => {
  const page = makeHtmlPage({ title: 'Report', content: [] });
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
  expect(pictureStateOfCopyAge(age, rpo)).toBe(state);
});

test.each([
  [0, '0 s'],
  [59.4, '59 s'],
  [60, '1 min'],
  [9000, '2 h 30 min'],
  [7200, '2 h'],
  [7500, '2 h 05 min'],
  [200_000, '2 d 08 h'],
])('%d seconds read %s', (seconds, text) => {
  expect(formatShortDuration(seconds)).toBe(text);
});

test.each([1, 59, 3600, 90_000, 86_400 * 400])(
  'a scale up to %d seconds has few ticks and keeps order',
  (longest) => {
    const { toPixel, ticks } = makeDurationScale(longest, 0, 100);
    expect(ticks.length).toBeGreaterThan(1);
    expect(ticks.length).toBeLessThanOrEqual(8);
    expect(toPixel(longest)).toBeLessThanOrEqual(100);
    const time = makeTimeScale(0, longest * 1000, 0, 100);
    expect(time.ticks.length).toBeLessThanOrEqual(10);
    expect(time.toPixel(longest * 1000)).toBe(100);
  },
);

test('a long text is cut to its place', () => {
  const short = fitText('a very long name of a machine in a folder', 100, 13);
  expect(short).toMatch(/…$/u);
  expect(estimateTextWidth(short, 13)).toBeLessThanOrEqual(100);
});

it('keeps the blank between a word and the element after it', () => {
  expect(makeElement('p', {}, 'the hash ', makeHtmlCode('0a'), ' of it', '').markup).toBe(
    '<p>the hash <code>0a</code> of it</p>',
  );
  expect(makeElement('p', {}, '  ').markup).toBe('<p></p>');
});
