/** Constructors of input fields: `text('Notes', 'Text for people.', { optional: true })`. */

import type { FeatureName } from '../api/feature-table';
import type {
  ReferableResource,
  Choice,
  Field,
  MapSides,
  TextSuggestions,
  RowForm,
  ProviderSchemaKind,
} from './field';
import type { JsonObject } from '../model/json';
import { INPUT_LIMITS } from './input-limits';

interface Common {
  readonly advanced?: boolean;
  readonly isOnTop?: boolean;
  readonly placeholder?: string;
  readonly since?: FeatureName;
}
interface Optional extends Common {
  readonly optional: true;
}
type Given<Options, Value> = Options extends { optional: true } ? Value | undefined : Value;
type Omits<Options> = Options extends { optional: true } | { default: unknown } ? true : false;

const base = (
  title: string,
  description: string,
  options: (Common & { optional?: true; default?: unknown }) | undefined,
) => ({
  title,
  description,
  required: options?.optional !== true && options?.default === undefined,
  advanced: options?.advanced ?? false,
  isOnTop: options?.isOnTop,
  placeholder: options?.placeholder,
  since: options?.since,
});

/** Makes a field for one line of text, or for several lines when `multiline`. */
export function text<
  O extends (Common | Optional) & { multiline?: true; stored?: number; offer?: TextSuggestions | undefined } =
    Common,
>(title: string, description: string, options?: O): Field<Given<O, string>, Omits<O>> {
  return {
    ...base(title, description, options),
    kind: 'text',
    multiline: options?.multiline ?? false,
    stored: options?.stored,
    offer: options?.offer,
  };
}

/** Makes a field for a whole number from `minimum` to `maximum`. With a default the field is never required. */
export function number<
  O extends Common & {
    default?: number;
    optional?: true;
    minimum?: number;
    maximum?: number;
    labels?: readonly string[];
  } = Common,
>(
  title: string,
  description: string,
  options?: O,
): Field<O extends { default: number } ? number : Given<O, number>, Omits<O>> {
  return {
    ...base(title, description, options),
    default: options?.default,
    kind: 'number',
    minimum: options?.minimum ?? 0,
    maximum: options?.maximum ?? Number.MAX_SAFE_INTEGER,
    isDuration: false,
    labels: options?.labels,
  };
}

/**
 * Makes a field for a duration in whole seconds, from `minimum` to `maximum`. Callers give a number, or a text such as
 * "90m", "2h" or "1d".
 */
export const duration: typeof number = (title, description, options) => ({
  ...number(title, description, options),
  isDuration: true,
});

/**
 * Makes a field for true or false. Input is checked here, because the server checks no types and reads the text "false"
 * as true (docs/reference/coriolis-api.md §8).
 */
export function flag<
  O extends Common & {
    default?: boolean;
    optional?: true;
    effect?: 'write' | 'destroy';
    caution?: string;
  } = Common,
>(
  title: string,
  description: string,
  options?: O,
): Field<O extends { optional: true } ? boolean | undefined : boolean, true> {
  return {
    ...base(title, description, options),
    required: false,
    default: options?.optional === true ? undefined : (options?.default ?? false),
    effect: options?.effect,
    caution: options?.caution,
    kind: 'flag',
  };
}

/** Makes a field for one of a few values, spelled as the server spells them. */
export function choice<
  const C extends readonly Choice[],
  O extends Common & { default?: C[number]['value']; optional?: true } = Common,
>(
  title: string,
  description: string,
  choices: C,
  options?: O,
): Field<O extends { default: string } ? C[number]['value'] : Given<O, C[number]['value']>, Omits<O>> {
  return {
    ...base(title, description, options),
    default: options?.default,
    kind: 'choice',
    choices,
  };
}

/** Makes a field for a JSON object with any keys. */
export function json<O extends (Common | Optional) & { secret?: true; rows?: RowForm } = Common>(
  title: string,
  description: string,
  options?: O,
): Field<Given<O, JsonObject>, Omits<O>> {
  return {
    ...base(title, description, options),
    kind: 'json',
    secret: options?.secret ?? false,
    rows: options?.rows,
  };
}

/** Makes a field for the rows of a table: JSON objects whose keys are the columns. */
export function records<O extends Common | Optional = Common>(
  title: string,
  description: string,
  options?: O,
): Field<Given<O, readonly JsonObject[]>, Omits<O>> {
  return { ...base(title, description, options), kind: 'records' };
}

/**
 * Makes a field for several texts, or for references to several resources. The order is kept, and empty entries are
 * dropped.
 */
export function list<
  O extends (Common | Optional) & {
    of?: { resource: ReferableResource; within?: string };
    maximum?: number;
    effect?: 'write' | 'destroy';
  } = Common,
>(title: string, description: string, options?: O): Field<Given<O, readonly string[]>, Omits<O>> {
  return {
    ...base(title, description, options),
    kind: 'list',
    of: options?.of,
    maximum: options?.maximum ?? INPUT_LIMITS.entries,
    effect: options?.effect,
  };
}

/**
 * Makes a field for the id of an existing object in Coriolis. n8n and MCP also accept its name, and offer a list to
 * choose from.
 */
export function reference<O extends (Common | Optional) & { within?: string; removable?: true } = Common>(
  resource: ReferableResource,
  title: string,
  description: string,
  options?: O,
): Field<Given<O, string>, Omits<O>> {
  return {
    ...base(title, description, options),
    kind: 'reference',
    resource,
    removable: options?.removable ?? false,
    within: options?.within,
  };
}

/** Makes a field for pairs of source and destination. A destination is a text, or with `objects` also an object. */
export function map<
  O extends (Common | Optional) & {
    keyTitle: string;
    valueTitle: string;
    objects?: true;
    of?: ReferableResource;
    sides?: MapSides;
    parts?: Readonly<Record<string, string>>;
  },
>(
  title: string,
  description: string,
  options: O,
): Field<Given<O, O extends { objects: true } ? JsonObject : Readonly<Record<string, string>>>, Omits<O>> {
  const { keyTitle, valueTitle, objects = false, of, sides, parts } = options;
  return {
    ...base(title, description, options),
    kind: 'map',
    objects,
    keyTitle,
    valueTitle,
    of,
    sides,
    parts,
  };
}

/** Makes a field for a JSON object, which people fill in in a form made from a provider's schema. */
export function form<O extends (Common | Optional) & { secret?: true } = Common>(
  schema: ProviderSchemaKind,
  within: string,
  title: string,
  description: string,
  options?: O,
): Field<Given<O, JsonObject>, Omits<O>> {
  return {
    ...base(title, description, options),
    kind: 'form',
    schema,
    within,
    secret: options?.secret ?? false,
  };
}
