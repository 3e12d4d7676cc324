import { isJsonObject } from '../json-object';
import type { LicenceTerms } from '../world/stores/licensing-server';

const PEM = /^-----BEGIN [A-Z ]+-----\r?\n([\s\S]+)\r?\n-----END [A-Z ]+-----\s*$/;

/**
 * Reads the terms of a licence in PEM format. Real licences are signed; those of the sandbox contain base64 of JSON:
 * `{"replicas", "migrations", "days", "version"}`. Anything else in PEM format is a licence of the usual terms.
 * @returns undefined for a text that is not in PEM format
 */
export function readLicencePem(text: string): LicenceTerms | undefined {
  const payload = PEM.exec(text)?.[1];
  if (payload === undefined) return undefined;
  const terms = parsed(Buffer.from(payload, 'base64').toString('utf8'));
  const numbers = (['replicas', 'migrations', 'days'] as const).filter((key) => Number.isInteger(terms[key]));
  return {
    ...Object.fromEntries(numbers.map((key) => [key, terms[key]])),
    ...(String(terms['version']).endsWith('-sap') && { kind: 'sap' }),
  };
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}
