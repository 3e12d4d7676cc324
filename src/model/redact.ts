import { isObject } from './json';
import { maskSecrets } from './untrusted';

/** Stands where a secret stood. */
export const REDACTED = '[redacted]';

/** Deeper than anything Coriolis sends; what lies below is not shown rather than trusted. */
const DEEPEST = 60;

/** Names of values that are secrets, without case and separators: `adminPassword`, `X-Auth-Token`, `private_key_passphrase`. */
const SECRET_NAME =
  /passw(or)?d|passphrase|secret|token|credential|(private|api|access|client|ssh|signing)key|pkey|signature|trustid/;

/** References to secrets kept elsewhere (Barbican): not secret, and needed to tell how an endpoint logs in. */
const NOT_SECRET = /^secretrefs?$/;

/** Values that are secret as a whole, whatever their keys are called (coriolis-api.md trap 26); names normalised. */
const SECRET_CONTAINER = /^((minion)?connectioninfo|userscripts|providerproperties|poolsharedresources)$/;

/** Whether a key says that its value is a secret. */
export function isSecretName(name: string): boolean {
  const plain = normalised(name);
  return SECRET_NAME.test(plain) && !NOT_SECRET.test(plain);
}

/**
 * A copy of `value` without secrets, for everything that leaves `src/`. Structure stays: keys keep their place, secret
 * values become "[redacted]"; true, false, null and empty texts tell nothing and stay. Looks also into JSON within texts.
 * The conductor's own notes (`info`) go as a whole: nobody outside can use them, and they hold keys of minion machines.
 */
export function redact(value: unknown): unknown {
  return visit(value, { secret: false, names: false, ancestors: [] });
}

interface Place {
  /** Whether everything here is secret. */
  readonly secret: boolean;
  /** Whether the keys here are names of fields that a JSON schema describes, and no values. */
  readonly names: boolean;
  readonly ancestors: readonly object[];
}

function visit(value: unknown, place: Place): unknown {
  if (typeof value === 'string') return place.secret ? hide(value) : cleanText(value, place);
  if (typeof value === 'number' || typeof value === 'bigint') return place.secret ? REDACTED : value;
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (place.ancestors.length >= DEEPEST || place.ancestors.includes(value)) return REDACTED;
  const ancestors = [...place.ancestors, value];
  if (Array.isArray(value)) {
    return value.map((entry: unknown) => visit(entry, { secret: place.secret, names: false, ancestors }));
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [
      key,
      visitEntry(key, entry, value, { ...place, ancestors }),
    ]),
  );
}

function visitEntry(key: string, entry: unknown, parent: object, place: Place): unknown {
  if (place.names) return visit(entry, { ...place, names: false });
  const name = normalised(key);
  if (NOT_SECRET.test(name)) return visit(entry, { ...place, secret: false });
  if (name === 'info' && isObject(entry)) return Object.keys(entry).length === 0 ? {} : REDACTED;
  return visit(entry, {
    secret: place.secret || SECRET_CONTAINER.test(name) || SECRET_NAME.test(name),
    names: key === 'properties' && describesObject(parent),
    ancestors: place.ancestors,
  });
}

/** Whether an object is a JSON schema, whose `properties` are named after fields without holding their values. */
function describesObject(schema: object): boolean {
  return '$schema' in schema || ('type' in schema && schema.type === 'object');
}

const hide = (text: string): string => (text === '' ? text : REDACTED);

/** Ids, times, names and words: the bulk of all texts, which hold nothing to mask. */
const HARMLESS = /^(?:[\w.-]{0,64}|[\d.:TZ+-]{0,32})$/;

function cleanText(text: string, place: Place): string {
  if (HARMLESS.test(text)) return text;
  if (/^\s*[[{]/.test(text)) {
    try {
      const cleaned = JSON.stringify(visit(JSON.parse(text), place));
      return cleaned === JSON.stringify(JSON.parse(text)) ? text : cleaned;
    } catch {
      // Not JSON after all: masked like any other text.
    }
  }
  return maskSecrets(text);
}

function normalised(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}
