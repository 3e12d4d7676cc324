/** Functions that write texts of the user interface by n8n's conventions. */

import { resources } from '../../src/catalogue';
import type { Operation } from '../../src/operation';
import { describeFeatureRequirement, type FeatureName } from '../../src/api/feature-table';

/** Words that stay in lower case inside a title. */
const smallWords =
  /^(an?|and|as|at|but|by|for|from|if|in|nor|of|on|or|so|that|than|the|to|up|via|vs|when|with|without|yet)$/u;

/**
 * Converts a text to title case: "failed, kept for debugging" → "Failed, Kept for Debugging". Words with capitals stay
 * unchanged.
 */
export function toTitleCase(text: string): string {
  const words = text.split(' ');
  return words
    .map((word, index) =>
      smallWords.test(word) && index > 0 && index < words.length - 1 ? word : upperFirst(word),
    )
    .join(' ');
}

/** Formats a help text: "ID" in capitals; no full stop after a single sentence. */
export function formatHelpText(text: string): string {
  const worded = text.replace(/\bids?\b/giu, (word) => (word.length === 2 ? 'ID' : 'IDs'));
  return /[.!?]\s/u.test(worded) ? worded : worded.replace(/\.$/u, '');
}

/** Help text of a field, an operation or a choice, with the release of the server that it needs, if any. */
export function helpTextOf({ description, since }: Described): string {
  if (since === undefined) return formatHelpText(description);
  return formatHelpText(`${description.replace(/\.$/u, '')}. ${describeFeatureRequirement(since)}`);
}

/** Help text of an operation: its summary and its description. */
export const helpTextOfOperation = (
  operation: Pick<Operation, 'summary' | 'description' | 'since'>,
): string => helpTextOf({ ...operation, description: `${operation.summary}. ${operation.description}` });

interface Described {
  readonly description: string;
  readonly since?: FeatureName | undefined;
}

/** Title without the part in brackets: "Transfer (Replica)" → "Transfer". */
export const removeBracketsFromTitle = (title: string): string => title.replace(/ \(.*\)$/u, '');

/** Indefinite article of a word. */
export const indefiniteArticleOf = (word: string): string => (/^[aeiou]/iu.test(word) ? 'an' : 'a');

const upperFirst = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** A noun with its article: "an execution". */
const withArticle = (noun: string): string => `${indefiniteArticleOf(noun)} ${noun}`;

/**
 * Action of an operation in n8n's lists, which also names the nodes and AI tools made from it: "Get many transfers",
 * "Start an execution", "Get the networks of an endpoint".
 */
export function actionTextOf({
  form,
  resource,
  title,
}: Pick<Operation, 'form' | 'resource' | 'title'>): string {
  if (form?.action !== undefined) return form.action;
  const { title: resourceTitle, plural } = resources[resource];
  const noun = removeBracketsFromTitle(resourceTitle).toLowerCase();
  const [verb = '', ...rest] = title.split(' ');
  if (rest.join(' ') === 'Many') return `${verb} many ${plural}`;
  if (rest.length === 0) return `${verb}${verb === 'Wait' ? ' for' : ''} ${withArticle(noun)}`;
  return `${verb} the ${rest.join(' ').toLowerCase()} of ${withArticle(noun)}`;
}
