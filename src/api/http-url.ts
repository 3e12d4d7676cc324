import { InvalidInputError } from './errors';

/**
 * Normalises an http(s) URL: no blanks, no trailing slashes.
 * @throws {InvalidInputError} it is no http(s) address, or holds a user and password
 */
export function normalizeHttpUrl(given: string, field: string): string {
  const url = given.trim().replace(/\/+$/, '');
  if (!/^https?:\/\/[^\s/?#@]+(\/[^\s?#]*)?$/i.test(url)) {
    // Not quoted, because it may contain a password.
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
