import { segment } from './encoding';

/** A path with its ids encoded, so that an id can never lead elsewhere: path`/transfers/${id}/executions`. */
export const path = (texts: TemplateStringsArray, ...ids: readonly string[]): string =>
  texts.reduce((whole, text, index) => `${whole}${segment(ids[index - 1] ?? '')}${text}`);

const WORD = /^(?:[a-z]+(?:[-_.][a-z]+)*|v\d+(?:\.\d+)?)$/u;

/**
 * The path of a URL with `{id}` for everything in it that is no plain word: the same text for all requests of a kind, so
 * that they can be counted together, and no object is named by it.
 */
export const template = (url: string): string =>
  url
    .replace(/^[a-z]+:\/\/[^/?#]*/iu, '')
    .replace(/[?#].*$/su, '')
    .split('/')
    .map((part) => (part === '' || WORD.test(part) ? part : '{id}'))
    .join('/');
