const SECRET_NAMES = /pass(?:word|phrase)|secret|token|private_key/i;
const MASK = '***';

/**
 * Copies a JSON value and masks the strings whose keys name a secret, as in a transfer's `info` (docs/reference/coriolis-api.md
 * §7.2).
 */
export function maskSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maskSecrets);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      typeof member === 'string' && SECRET_NAMES.test(name) ? MASK : maskSecrets(member),
    ]),
  );
}
