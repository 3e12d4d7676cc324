import { isObject } from './json';
import { isSecretName } from './secret-names';
import { maskSecrets } from './untrusted-text';

/** Text that replaces a secret in everything that leaves the core. */
export const REDACTED = '[redacted]';

/** Maximum depth of objects, deeper than Coriolis sends. Anything below it is redacted. */
const MAX_DEPTH = 60;

/**
 * Pattern for keys of references to Barbican secrets, normalised. A reference is not secret itself, and shows how an
 * endpoint logs in.
 */
const SECRET_REFERENCE = /^secretrefs?$/;

/** Pattern for keys whose whole value is secret, normalised (docs/reference/coriolis-api.md §17, trap 26). */
const SECRET_CONTAINER = /connectioninfo$|^(userscripts|providerproperties|poolsharedresources)$/;

/**
 * Meaning of a key for redaction. `container`: every value below is secret. `reference`: a reference to a secret, which
 * is shown. `info`: internal data of the conductor.
 */
type Meaning = 'plain' | 'secret' | 'container' | 'reference' | 'info';

function meaningOf(name: string): Meaning {
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  if (SECRET_REFERENCE.test(plain)) return 'reference';
  if (SECRET_CONTAINER.test(plain)) return 'container';
  if (isSecretName(name)) return 'secret';
  return plain === 'info' ? 'info' : 'plain';
}

/**
 * Cache of the meanings of key names. Rows repeat the same few names, and classifying a name is the slowest part of
 * redacting.
 */
const meanings = new Map<string, Meaning>();
const MAX_CACHED_NAMES = 5_000;

function knownMeaningOf(name: string): Meaning {
  const known = meanings.get(name);
  if (known !== undefined) return known;
  if (meanings.size >= MAX_CACHED_NAMES) meanings.clear();
  const meaning = meaningOf(name);
  meanings.set(name, meaning);
  return meaning;
}

/**
 * Copies `value` without secrets. Everything that leaves `src/` passes through this function. The structure stays: keys
 * keep their place and secret values become "[redacted]". True, false, null and empty texts stay, because they reveal
 * nothing. JSON within texts is redacted too. The conductor's internal data (`info`) is redacted as a whole, because
 * nobody outside needs it and it contains keys of minion machines.
 */
export function redact(value: unknown): unknown {
  return visit(value, { secret: false, names: false, ancestors: [] });
}

interface Place {
  /** Whether every value below is secret. */
  readonly secret: boolean;
  /**
   * Whether the keys here are the field names of a JSON schema (its `properties`), so that a key such as `password` has
   * a description below it, not a secret.
   */
  readonly names: boolean;
  readonly ancestors: readonly object[];
}

function visit(value: unknown, place: Place): unknown {
  if (typeof value === 'string') return place.secret ? hide(value) : cleanText(value, place);
  if (typeof value === 'number' || typeof value === 'bigint') return place.secret ? REDACTED : value;
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (place.ancestors.length >= MAX_DEPTH || place.ancestors.includes(value)) return REDACTED;
  const ancestors = [...place.ancestors, value];
  if (Array.isArray(value)) {
    const isSecret = place.secret || isPairOfSecret(value, place);
    return value.map((entry: unknown, index) =>
      visit(entry, {
        secret: (isSecret && (place.secret || index === 1)) || isSecretOption(value[index - 1]),
        names: false,
        ancestors,
      }),
    );
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [
      HARMLESS.test(key) ? key : maskSecrets(key),
      visitEntry(key, entry, value, { ...place, ancestors }),
    ]),
  );
}

function visitEntry(key: string, entry: unknown, parent: object, place: Place): unknown {
  if (place.names) return visit(entry, { ...place, names: false });
  const meaning = meaningIn(parent, key);
  if (meaning === 'info' && isObject(entry)) return Object.keys(entry).length === 0 ? {} : REDACTED;
  return visit(entry, {
    secret: meaning === 'secret' || meaning === 'container' || (place.secret && meaning !== 'reference'),
    names: key === 'properties' && describesObject(parent),
    ancestors: place.ancestors,
  });
}

/**
 * Keys whose value names another value in the same object: in `{"name": "password", "value": "x"}`, `name` says what
 * `value` is.
 */
const NAMING_KEYS = new Set([
  'name',
  'id',
  'key',
  'field',
  'option',
  'property',
  'header',
  'variable',
  'label',
  'parameter',
  'param',
  'arg',
  'argument',
  'attribute',
  'setting',
]);
const VALUE_KEY = /^(?:(?:old|new|config|current|previous)_?)?(?:val|values?|defaults?|content|data|text)$/iu;

/**
 * Whether a list is a pair of a secret's name and its value, such as `["password", "x"]`, in a list of pairs. Headers
 * and settings are often sent so.
 */
const isPairOfSecret = (list: readonly unknown[], { ancestors }: Place): boolean =>
  list.length === 2 &&
  Array.isArray(ancestors.at(-1)) &&
  typeof list[0] === 'string' &&
  list[0].length <= 200 &&
  knownMeaningOf(list[0]) === 'secret';

/** Whether an argument of a command is an option whose value, the next argument, is secret: `--password`. */
const isSecretOption = (argument: unknown): boolean =>
  typeof argument === 'string' &&
  /^--?[\w-]{2,100}$/u.test(argument) &&
  knownMeaningOf(argument) === 'secret';

/** Keys in the description of a field under which a value of the field may stand. */
const FIELD_VALUE_KEYS = new Set(['value', 'values', 'default', 'const', 'enum', 'example', 'examples']);

/**
 * Whether the description of a field marks its value as secret, in the ways of JSON Schema (`format`, `writeOnly`) or
 * of providers.
 */
export const isMarkedSecret = (field: Readonly<Record<string, unknown>>): boolean =>
  field['format'] === 'password' ||
  field['type'] === 'password' ||
  ['writeOnly', 'secret', 'sensitive', 'no_log', 'noLog', 'x-secret', 'x-sensitive'].some(
    (mark) => field[mark] === true,
  );

/**
 * Pattern for a long value of a property named just `key`, such as that of a storage account or a licence
 * (`storage.key`). Such a value is secret.
 */
const LONG_KEY = /^[\w+/=-]{20,}$/u;

/**
 * Meaning of a key in its object. It can depend on the other keys: in `{"name": "password", "value": "x"}`, `name` says
 * that `value` is secret.
 */
function meaningIn(parent: object, key: string): Meaning {
  const known = knownMeaningOf(key);
  if (known !== 'plain') return known;
  const entries = parent as Readonly<Record<string, unknown>>;
  if (VALUE_KEY.test(key)) {
    const isNamedSecret = Object.entries(entries).some(
      ([naming, name]) =>
        NAMING_KEYS.has(naming.toLowerCase()) &&
        typeof name === 'string' &&
        name.length <= 200 &&
        knownMeaningOf(name) === 'secret',
    );
    if (isNamedSecret) return 'secret';
  }
  if (FIELD_VALUE_KEYS.has(key) && isMarkedSecret(entries)) return 'secret';
  const value = entries[key];
  const isBareKey = key.toLowerCase() === 'key' && typeof value === 'string' && LONG_KEY.test(value);
  return isBareKey && !('value' in parent) ? 'secret' : 'plain';
}

/** Whether an object is a JSON schema: its `properties` describe fields and hold no values. */
function describesObject(schema: object): boolean {
  return '$schema' in schema || ('type' in schema && schema.type === 'object');
}

const hide = (text: string): string => (text === '' ? text : REDACTED);

/** Pattern for short texts that need no masking: ids, times and plain words. */
const HARMLESS = /^(?:[\w.-]{0,19}|[0-9a-f-]{32,36}|[\d.:TZ+-]{0,32})$/;

function cleanText(text: string, place: Place): string {
  if (HARMLESS.test(text)) return text;
  if (/^\s*[[{]/.test(text)) {
    try {
      const cleaned = JSON.stringify(visit(JSON.parse(text), place));
      return cleaned === JSON.stringify(JSON.parse(text)) ? text : cleaned;
    } catch {
      // The text is not JSON: it is masked as plain text below.
    }
  }
  return maskSecrets(text);
}
