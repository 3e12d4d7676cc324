import type { Markup } from '../../pictures/markup';
import {
  formatSlackMessage,
  formatTeamsMessage,
  formatTextMessage,
  type ReportMessage,
} from '../../pictures/report-messages';
import { makeHtmlPage } from '../../pictures/html-page';
import { formatShortMoment } from '../../pictures/axis-scale';
import type { JsonObject } from '../../model/json';
import { sealPage } from './page-seal';
import { key, view, type ResultOf } from '../../vocabulary/result-keys';

/** Content of a report, from which its text, its messages and its HTML page are made. */
export interface ReportDocument extends ReportMessage {
  /** Time of the figures, ISO 8601. */
  readonly as_of: string;
  /** Sections of the HTML page. */
  readonly sections: readonly Markup[];
  /** Hash of the report, with which its page is sealed; undefined for reports without one. */
  readonly reportHash?: string | undefined;
}

/** Result keys of every report. */
export const reportKeys = {
  title: key.text('Title', { untrusted: true }),
  as_of: key.time('Time of this result, by the server’s clock'),
  summary: key.text('Summary in one sentence'),
  findings: key.texts('What to look at first', { untrusted: true }),
};

/** Renders the HTML page of a report, sealed when the report has a hash. */
function pageOf({ title, summary, as_of: asOf, facts, sections, reportHash }: ReportDocument): string {
  const page = makeHtmlPage({
    title,
    subtitle: `${summary} As of ${formatShortMoment(asOf)}.`,
    facts,
    content: sections,
  });
  return reportHash === undefined ? page : sealPage(page, reportHash);
}

/** Result keys with the report as plain text, Slack message, Teams message and HTML page. */
export const renderedReportKeys = {
  text: key.rendered('text/plain', 'Plain text for a mail or a ticket', (report: ReportDocument) =>
    formatTextMessage(report),
  ),
  slack: key.json(
    'Message for Slack: text and blocks',
    (report: ReportDocument) => formatSlackMessage(report),
    {
      rendered: 'application/json',
    },
  ),
  teams: key.json(
    'Message for a webhook of Microsoft Teams: an adaptive card',
    (report: ReportDocument) => formatTeamsMessage(report),
    { rendered: 'application/json' },
  ),
  html: key.rendered('text/html', 'A self-contained page with pictures', pageOf),
};

/** Result view of a report in all its formats. */
export const reportView = view<ReportDocument>()({ ...reportKeys, ...renderedReportKeys });

/**
 * Result view of a report in all its formats, with the evidence behind it.
 *
 * @param parts parts of the evidence, for people
 */
export const makeEvidenceReportView = (parts: string) =>
  view<ReportDocument & { readonly report: JsonObject }>()({
    ...reportKeys,
    report: key.json(`The evidence: ${parts}`),
    ...renderedReportKeys,
  });

/** A report in all its formats. */
export type RenderedReport = ResultOf<typeof reportView>;
