import { encodePathSegment } from './url-encoding';

/**
 * Template tag that makes a path and encodes the ids in it, so that an id cannot lead to another path:
 * path`/transfers/${id}/executions`.
 */
export const path = (texts: TemplateStringsArray, ...ids: readonly string[]): string =>
  texts.reduce((whole, text, index) => `${whole}${encodePathSegment(ids[index - 1] ?? '')}${text}`);

const WORD = /^(?:[a-z]+(?:[-_.][a-z]+)*|v\d+(?:\.\d+)?)$/u;

/**
 * Path of a URL with `{id}` in place of each id. It is the same for all requests of one kind, for metrics and traces.
 */
export const pathTemplateOf = (url: string): string =>
  url
    .replace(/^[a-z]+:\/\/[^/?#]*/iu, '')
    .replace(/[?#].*$/su, '')
    .split('/')
    .map((part) => (part === '' || WORD.test(part) ? part : '{id}'))
    .join('/');
