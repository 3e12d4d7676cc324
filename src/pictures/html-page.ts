import { element, joinMarkup, type ElementContent, type Markup } from './markup';
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
export const htmlSection = (title: string, ...content: readonly ElementContent[]): Markup =>
  element('section', {}, element('h2', {}, title), content);

/** Makes a figure: a picture with a caption. */
export const htmlFigure = (drawing: Markup, caption?: string): Markup =>
  element(
    'figure',
    { class: 'wide' },
    drawing,
    caption === undefined ? null : element('figcaption', {}, caption),
  );

/** Makes a table. An empty table shows a text instead of rows. */
export const htmlTable = <Row>(
  columns: ReadonlyArray<HtmlTableColumn<Row>>,
  rows: readonly Row[],
  empty = 'None.',
): Markup => {
  if (rows.length === 0) return element('p', { class: 'soft' }, empty);
  const kind = ({ isNumber, isUnbroken }: HtmlTableColumn<Row>) => ({
    class: isNumber === true ? 'number' : isUnbroken === true ? 'unbroken' : undefined,
  });
  return element(
    'div',
    { class: 'wide' },
    element(
      'table',
      {},
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          columns.map((each) => element('th', { scope: 'col', ...kind(each) }, each.title)),
        ),
      ),
      element(
        'tbody',
        {},
        rows.map((row) =>
          element(
            'tr',
            {},
            columns.map((each) => element('td', kind(each), each.cell(row))),
          ),
        ),
      ),
    ),
  );
};

/** Marks a text as code, for ids and hashes in a fixed-width font. */
export const htmlCode = (text: string): Markup => element('code', {}, text);

/**
 * Makes a self-contained HTML page for light and dark screens and for print. It has no script and no external resource;
 * a content security policy forbids both.
 */
export function htmlPage({ title, subtitle, facts = [], content }: HtmlPage): string {
  const head = joinMarkup(
    element('meta', { charset: 'utf-8' }),
    element('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    element('meta', { name: 'referrer', content: 'no-referrer' }),
    element('meta', {
      'http-equiv': 'Content-Security-Policy',
      content: "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
    }),
    element('title', {}, title),
    { markup: `<style>${PAGE_STYLE}</style>` },
  );
  const body = joinMarkup(
    element('h1', {}, title),
    subtitle === undefined ? null : element('p', { class: 'soft' }, subtitle),
    facts.length === 0
      ? null
      : element(
          'ul',
          { class: 'facts' },
          facts.map(({ label, value }) => element('li', {}, element('b', {}, value), label)),
        ),
    content,
  );
  return `<!doctype html>\n${element('html', { lang: 'en' }, element('head', {}, head), element('body', {}, body)).markup}\n`;
}
