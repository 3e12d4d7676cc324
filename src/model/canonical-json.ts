import { isObject } from './json';

/**
 * Canonical JSON: keys sorted by code unit, no blanks, no undefined values. Equal values give equal texts on every
 * platform, so that their hashes can be compared.
 */
export function toCanonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toCanonicalJson).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value ?? null);
  const entries = Object.entries(value)
    .filter(([, entry]) => entry !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0))
    .map(([key, entry]) => `${JSON.stringify(key)}:${toCanonicalJson(entry)}`);
  return `{${entries.join(',')}}`;
}
