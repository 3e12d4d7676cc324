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
const SECRET_CONTAINER = /connectioninfo$|^(userscripts|providerproperties|poolsharedresources)$/;

/** What the name of a key says about its value. */
type Meaning = 'plain' | 'secret' | 'container' | 'reference' | 'info';

function meaningOf(name: string): Meaning {
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  if (NOT_SECRET.test(plain)) return 'reference';
  if (SECRET_CONTAINER.test(plain)) return 'container';
  if (SECRET_NAME.test(plain)) return 'secret';
  return plain === 'info' ? 'info' : 'plain';
}

/** The same few names come again with every row, and asking anew costs more than all the rest. */
const meanings = new Map<string, Meaning>();
const MOST_MEANINGS = 5_000;

function knownMeaningOf(name: string): Meaning {
  const known = meanings.get(name);
  if (known !== undefined) return known;
  if (meanings.size >= MOST_MEANINGS) meanings.clear();
  const meaning = meaningOf(name);
  meanings.set(name, meaning);
  return meaning;
}

/** Whether a key says that its value is a secret. */
export function isSecretName(name: string): boolean {
  return meaningOf(name) === 'secret';
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
  const meaning = knownMeaningOf(key);
  if (meaning === 'info' && isObject(entry)) return Object.keys(entry).length === 0 ? {} : REDACTED;
  return visit(entry, {
    secret: meaning === 'secret' || meaning === 'container' || (place.secret && meaning !== 'reference'),
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
