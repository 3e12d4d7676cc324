import { segment } from './encoding';

/** A path with its ids encoded, so that an id can never lead elsewhere: path`/transfers/${id}/executions`. */
export const path = (texts: TemplateStringsArray, ...ids: readonly string[]): string =>
  texts.reduce((whole, text, index) => `${whole}${segment(ids[index - 1] ?? '')}${text}`);
