import type { JsonObject } from '../../model/json';
import type { Markup } from '../../pictures/markup';
import { slackMessage, teamsMessage, textMessage, type ReportMessage } from '../../pictures/messages';
import { htmlPage } from '../../pictures/html-page';
import { shortMoment } from '../../pictures/axis-scale';
import { key } from '../../vocabulary/result-keys';

/** Content of a report, as a message and as the sections of a page. */
export interface ReportDocument extends ReportMessage {
  /** Moment of the figures, ISO 8601. */
  readonly as_of: string;
  readonly sections: readonly Markup[];
}

/** A report in all its formats. */
export interface RenderedReport {
  readonly title: string;
  readonly as_of: string;
  readonly summary: string;
  readonly findings: readonly string[];
  readonly text: string;
  readonly slack: JsonObject;
  readonly teams: JsonObject;
  readonly html: string;
}

/** Result keys of every report. */
export const documentKeys = {
  title: key.text('Title', { untrusted: true }),
  as_of: key.time('Now, by the server’s clock'),
  summary: key.text('The outcome in one sentence'),
  findings: key.texts('What to look at first', { untrusted: true }),
};

/** Result keys with the same report in other formats. */
export const renderedKeys = {
  text: key.rendered('text/plain', 'Plain text for a mail or a ticket'),
  slack: key.json('Message for Slack: text and blocks', { rendered: 'application/json' }),
  teams: key.json('Message for a webhook of Microsoft Teams: an adaptive card', {
    rendered: 'application/json',
  }),
  html: key.rendered('text/html', 'A self-contained page with pictures'),
};

/** Renders a report in all its formats. */
export function renderReportFormats({ sections, ...message }: ReportDocument): RenderedReport {
  const { title, as_of: asOf, summary, findings, facts } = message;
  return {
    title,
    as_of: asOf,
    summary,
    findings,
    text: textMessage(message),
    slack: slackMessage(message),
    teams: teamsMessage(message),
    html: htmlPage({
      title,
      subtitle: `${summary} As of ${shortMoment(asOf)}.`,
      facts,
      content: sections,
    }),
  };
}
