import { disarmMarkup, quoteText, truncate } from '../model/untrusted-text';
import type { JsonObject } from '../model/json';
import type { PageFact } from './html-page';

/** Summary of a report for media that show no pictures: mail, Slack and Teams. */
export interface ReportMessage {
  readonly title: string;
  /** One sentence with the outcome. */
  readonly summary: string;
  readonly facts: readonly PageFact[];
  /** Sentences about the most urgent findings. */
  readonly findings: readonly string[];
}

/**
 * Maximum number of facts and findings in a message. Slack takes at most 3,000 characters and ten fields in a section;
 * Teams takes 28 KB in all.
 */
const MAX_FACTS = 10;
const MAX_FINDINGS = 10;
const MAX_TEXT_LENGTH = 280;
/** Maximum length of a line of plain text. */
const MAX_LINE_LENGTH = 2000;

const shortened = (text: string): string => disarmMarkup(quoteText(text, MAX_TEXT_LENGTH));
const line = (text: string): string => disarmMarkup(quoteText(text, MAX_LINE_LENGTH));

/** Shortens a list of findings: the first ten, then a line with the number of the others. */
function firstFindings(findings: readonly string[]): readonly string[] {
  const more = findings.length - MAX_FINDINGS;
  const shown = findings.slice(0, MAX_FINDINGS).map(shortened);
  return more > 0 ? [...shown, `${more} more in the report.`] : shown;
}

/** Formats a report as plain text for a mail or a ticket. */
export function formatTextMessage({ title, summary, facts, findings }: ReportMessage): string {
  return [
    line(title),
    line(summary),
    facts.map(({ label, value }) => line(`${label}: ${value}`)).join('\n'),
    findings.map((finding) => `- ${line(finding)}`).join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** Shortens a text, and escapes the three characters that mark links, mentions and channels in Slack. */
const slackText = (text: string): string =>
  shortened(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/**
 * Formats a report for `chat.postMessage` and incoming webhooks of Slack: `blocks` for the message, and `text` for
 * notifications.
 */
export function formatSlackMessage({ title, summary, facts, findings }: ReportMessage): JsonObject {
  const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });
  const shown = firstFindings(findings);
  return {
    text: `${slackText(title)}: ${slackText(summary)}`,
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: truncate(shortened(title), 150) } },
      section(slackText(summary)),
      ...(facts.length === 0
        ? []
        : [
            {
              type: 'section',
              fields: facts.slice(0, MAX_FACTS).map(({ label, value }) => ({
                type: 'mrkdwn',
                text: `*${slackText(label)}*\n${slackText(String(value))}`,
              })),
            },
          ]),
      ...(shown.length === 0 ? [] : [section(shown.map((finding) => `• ${slackText(finding)}`).join('\n'))]),
    ],
  };
}

/** Shortens a text, and escapes the characters that Adaptive Cards read as Markdown. */
const cardText = (text: string): string => shortened(text).replaceAll(/[\\`*_[\]()#~]/gu, '\\$&');

/** Formats a report as an Adaptive Card for webhooks of Microsoft Teams ("When a Teams webhook request is received"). */
export function formatTeamsMessage({ title, summary, facts, findings }: ReportMessage): JsonObject {
  const block = (text: string, more: JsonObject = {}): JsonObject => ({
    type: 'TextBlock',
    text: cardText(text),
    wrap: true,
    ...more,
  });
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: [
            block(title, { size: 'Large', weight: 'Bolder' }),
            block(summary),
            {
              type: 'FactSet',
              facts: facts
                .slice(0, MAX_FACTS)
                .map(({ label, value }) => ({ title: cardText(label), value: cardText(String(value)) })),
            },
            ...firstFindings(findings).map((finding) => block(`• ${finding}`)),
          ],
        },
      },
    ],
  };
}
