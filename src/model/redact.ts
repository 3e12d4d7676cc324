import { isObject } from './json';
import { maskSecrets } from './untrusted';

/** Replacement for a secret in everything that leaves the core. */
export const REDACTED = '[redacted]';

/** Maximum depth of objects. Deeper than Coriolis sends; anything below is redacted. */
const DEEPEST = 60;

/**
 * Key names whose values are secrets, lower case without separators: `adminPassword`, `X-Auth-Token`,
 * `private_key_passphrase`.
 */
const SECRET_NAME =
  /passw(or)?d|passphrase|secret|token|credential|(private|api|access|client|ssh|signing)key|pkey|signature|trustid/;

/** References to secrets in Barbican. Not secret themselves, and they show how an endpoint logs in. */
const NOT_SECRET = /^secretrefs?$/;

/** Key names whose values are secret as a whole (coriolis-api.md trap 26); names normalised. */
const SECRET_CONTAINER = /connectioninfo$|^(userscripts|providerproperties|poolsharedresources)$/;

/** Classification of a key name. */
type Meaning = 'plain' | 'secret' | 'container' | 'reference' | 'info';

function meaningOf(name: string): Meaning {
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  if (NOT_SECRET.test(plain)) return 'reference';
  if (SECRET_CONTAINER.test(plain)) return 'container';
  if (SECRET_NAME.test(plain)) return 'secret';
  return plain === 'info' ? 'info' : 'plain';
}

/** Cache of classified key names: rows repeat the same few, and classifying dominates the cost. */
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

/** Whether a key name marks its value as a secret. */
export function isSecretName(name: string): boolean {
  return meaningOf(name) === 'secret';
}

/**
 * Copies `value` without secrets. Everything that leaves `src/` passes through it. Structure stays: keys keep their
 * place, secret values become "[redacted]"; true, false, null and empty texts tell nothing and stay. Looks also into
 * JSON within texts. The conductor's own notes (`info`) go as a whole: nobody outside can use them, and they hold keys
 * of minion machines.
 */
export function redact(value: unknown): unknown {
  return visit(value, { secret: false, names: false, ancestors: [] });
}

interface Place {
  /** Whether every value below is secret. */
  readonly secret: boolean;
  /** Whether the keys are field names in a JSON schema, which have no values. */
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

/** Whether an object is a JSON schema: its `properties` describe fields and hold no values. */
function describesObject(schema: object): boolean {
  return '$schema' in schema || ('type' in schema && schema.type === 'object');
}

const hide = (text: string): string => (text === '' ? text : REDACTED);

/** Texts that need no masking: ids, times and plain words, which most texts are. */
const HARMLESS = /^(?:[\w.-]{0,64}|[\d.:TZ+-]{0,32})$/;

function cleanText(text: string, place: Place): string {
  if (HARMLESS.test(text)) return text;
  if (/^\s*[[{]/.test(text)) {
    try {
      const cleaned = JSON.stringify(visit(JSON.parse(text), place));
      return cleaned === JSON.stringify(JSON.parse(text)) ? text : cleaned;
    } catch {
      // Not JSON: masked as plain text.
    }
  }
  return maskSecrets(text);
}
