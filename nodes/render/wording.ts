/** n8n's conventions for words on the screen. The core speaks in its own, plain way. */

import { needOf, type FeatureName } from '../../src/api/feature-table';

/** Words that stay small inside a title. */
const small =
  /^(an?|and|as|at|but|by|for|from|if|in|nor|of|on|or|so|that|than|the|to|up|via|vs|when|with|without|yet)$/u;

/** "failed, kept for debugging" → "Failed, Kept for Debugging"; words with capitals of their own stay as they are. */
export function titleCase(text: string): string {
  const words = text.split(' ');
  return words
    .map((word, index) =>
      small.test(word) && index > 0 && index < words.length - 1 ? word : upperFirst(word),
    )
    .join(' ');
}

/** A help text: "ID" in capitals; one sentence has no full stop, several have. */
export function helpText(text: string): string {
  const worded = text.replace(/\bids?\b/giu, (word) => (word.length === 2 ? 'ID' : 'IDs'));
  return /[.!?]\s/u.test(worded) ? worded : worded.replace(/\.$/u, '');
}

/** The help of a field, an operation or a choice, and what the server must have for it. */
export function helpOf({ description, since }: Described): string {
  if (since === undefined) return helpText(description);
  return helpText(`${description.replace(/\.$/u, '')}. ${needOf(since)}`);
}

interface Described {
  readonly description: string;
  readonly since?: FeatureName;
}

/** A title without what stands beside it in brackets: "Transfer (Replica)" → "Transfer". */
export const plainTitle = (title: string): string => title.replace(/ \(.*\)$/u, '');

export const article = (word: string): string => (/^[aeiou]/iu.test(word) ? 'an' : 'a');

const upperFirst = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
