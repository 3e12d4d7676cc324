import { makeElement, joinMarkup, type ElementContent, type Markup } from './markup';
import { PAGE_STYLE } from './css-style';

/** Fact that a page shows in large print at its top. */
export interface PageFact {
  readonly label: string;
  readonly value: string | number;
}

/** Column of an HTML table. */
export interface HtmlTableColumn<Row> {
  readonly title: string;
  readonly cell: (row: Row) => ElementContent;
  /** Whether the column is aligned to the right. */
  readonly isNumber?: boolean;
  /** Whether its cells are not broken into lines, for names and times. */
  readonly isUnbroken?: boolean;
}

/** Content of an HTML page. */
export interface HtmlPage {
  readonly title: string;
  /** Line below the title that says what the page shows, of which time, and who made it. */
  readonly subtitle?: string;
  readonly facts?: readonly PageFact[];
  readonly content: readonly ElementContent[];
}

/** Makes a section with a heading. */
export const makeHtmlSection = (title: string, ...content: readonly ElementContent[]): Markup =>
  makeElement('section', {}, makeElement('h2', {}, title), content);

/** Makes a figure: a picture with a caption. */
export const makeHtmlFigure = (drawing: Markup, caption?: string): Markup =>
  makeElement(
    'figure',
    { class: 'wide' },
    drawing,
    caption === undefined ? null : makeElement('figcaption', {}, caption),
  );

/** Makes a table. An empty table shows a text instead of rows. */
export const makeHtmlTable = <Row>(
  columns: ReadonlyArray<HtmlTableColumn<Row>>,
  rows: readonly Row[],
  empty = 'None.',
): Markup => {
  if (rows.length === 0) return makeElement('p', { class: 'soft' }, empty);
  const kind = ({ isNumber, isUnbroken }: HtmlTableColumn<Row>) => ({
    class: isNumber === true ? 'number' : isUnbroken === true ? 'unbroken' : undefined,
  });
  return makeElement(
    'div',
    { class: 'wide' },
    makeElement(
      'table',
      {},
      makeElement(
        'thead',
        {},
        makeElement(
          'tr',
          {},
          columns.map((each) => makeElement('th', { scope: 'col', ...kind(each) }, each.title)),
        ),
      ),
      makeElement(
        'tbody',
        {},
        rows.map((row) =>
          makeElement(
            'tr',
            {},
            columns.map((each) => makeElement('td', kind(each), each.cell(row))),
          ),
        ),
      ),
    ),
  );
};

/** Marks a text as code, for ids and hashes in a fixed-width font. */
export const makeHtmlCode = (text: string): Markup => makeElement('code', {}, text);

/**
 * Makes a self-contained HTML page for light and dark screens and for print. It has no script and no external resource;
 * a content security policy forbids both.
 */
export function makeHtmlPage({ title, subtitle, facts = [], content }: HtmlPage): string {
  const head = joinMarkup(
    makeElement('meta', { charset: 'utf-8' }),
    makeElement('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    makeElement('meta', { name: 'referrer', content: 'no-referrer' }),
    makeElement('meta', {
      'http-equiv': 'Content-Security-Policy',
      content: "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
    }),
    makeElement('title', {}, title),
    { markup: `<style>${PAGE_STYLE}</style>` },
  );
  const body = joinMarkup(
    makeElement('h1', {}, title),
    subtitle === undefined ? null : makeElement('p', { class: 'soft' }, subtitle),
    facts.length === 0
      ? null
      : makeElement(
          'ul',
          { class: 'facts' },
          facts.map(({ label, value }) => makeElement('li', {}, makeElement('b', {}, value), label)),
        ),
    content,
  );
  return `<!doctype html>\n${makeElement('html', { lang: 'en' }, makeElement('head', {}, head), makeElement('body', {}, body)).markup}\n`;
}
