import { InvalidInputError } from './errors';

/**
 * Normalises an http(s) URL: removes blanks around it and slashes at its end.
 * @throws {InvalidInputError} the text is no http(s) address, or contains a user, a query or a fragment
 */
export function normalizeHttpUrl(given: string, field: string): string {
  const url = given.trim().replace(/\/+$/, '');
  if (!/^https?:\/\/[^\s/?#@]+(\/[^\s?#]*)?$/i.test(url)) {
    // The message does not quote the URL, because it may contain a password.
    throw new InvalidInputError(
      'The URL must be an http:// or https:// address without user, query or fragment',
      {
        field,
        advice: 'An example: https://keystone.example.com:5000/v3.',
      },
    );
  }
  return url;
}
