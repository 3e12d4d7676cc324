import { withoutUndefined, isObject, isSameJson, type JsonObject } from './json';
import { isMarkedSecret, redact } from './redact-object';
import { isSecretName } from './secret-names';
import type { ProviderOption } from './api-objects';
import { quoteText } from './untrusted-text';

/**
 * Makes form fields from a provider's JSON schema: their names, types, choices and defaults
 * (docs/reference/coriolis-api.md §6.1, §11.4). Each provider defines its own schemas, so this module knows no field by
 * name. A value that a flat form cannot show becomes one field that takes JSON.
 */

/** Type of a form field. The values of `list` and `object` are entered as JSON. */
export type SchemaFieldType = 'text' | 'number' | 'flag' | 'choice' | 'list' | 'object';

export interface SchemaFieldChoice {
  readonly value: string | number | boolean;
  readonly title: string;
}

/** One field of a form. */
export interface SchemaField {
  /** Path of the value in the object, with a dot between the levels: "migr_image_map.linux". */
  readonly id: string;
  readonly title: string;
  readonly type: SchemaFieldType;
  readonly required: boolean;
  /** Default of the schema, else the default that the platform has configured. */
  readonly default?: string | number | boolean;
  readonly choices?: readonly SchemaFieldChoice[];
  /** Whether the name or the schema of the field marks its value as secret. Such a value is never shown. */
  readonly secret: boolean;
}

/**
 * Makes form fields from an object schema, required ones first. A property that is an object with fixed keys becomes
 * one field for each key, one level deep. Alternatives (`oneOf`, `anyOf`) become one form with the fields of all; a
 * field is required when every alternative requires it.
 * @param options values that the platform offers for some fields. Such a field becomes a choice instead of free text
 * @param without names of properties that get no field, because the form asks for them elsewhere
 */
export function formFieldsOfSchema(
  schema: JsonObject,
  options: readonly ProviderOption[] = [],
  without: readonly string[] = [],
): readonly SchemaField[] {
  const offers = new Map(options.map((option) => [option.name, option]));
  const { properties, required } = flattened(schema, schema);
  return Object.entries(properties)
    .filter(([name]) => !without.includes(name) && !name.includes('.'))
    .flatMap(([name, given]) => {
      const property = resolved(given, schema);
      const offer = offers.get(name);
      const parts = isObject(property['properties']) ? flattened(property, schema) : undefined;
      if (parts === undefined || Object.keys(parts.properties).some((part) => part.includes('.'))) {
        return [entryOf(name, [name], property, required.has(name), offer)];
      }
      return Object.entries(parts.properties).map(([part, inner]) =>
        entryOf(
          `${name}.${part}`,
          [titleOf(name, property), part],
          resolved(inner, schema),
          required.has(name) && parts.required.has(part),
          offer && partOf(offer, part),
        ),
      );
    })
    .sort((one, other) => Number(other.required) - Number(one.required));
}

/**
 * Converts form values into an object. Paths become levels, and empty fields are left out. Texts are converted to the
 * type that `types` gives for the field. A text that cannot be converted is kept, so that the server refuses it with
 * its own message.
 */
export function objectFromForm(
  values: JsonObject,
  types: Readonly<Record<string, SchemaFieldType>> = {},
): JsonObject {
  const whole: Record<string, unknown> = {};
  for (const [id, value] of Object.entries(values)) {
    if (value === null || value === undefined || value === '') continue;
    const [name = id, part] = id.split('.', 2);
    const read = typeof value === 'string' ? readAs(types[id] ?? 'text', value) : value;
    if (part === undefined) whole[name] = read;
    else whole[name] = { ...(isObject(whole[name]) ? whole[name] : {}), [part]: read };
  }
  return whole;
}

/** Reads the value of a form field from an object; undefined when it is absent or contains a secret. */
export function formValueOf(
  whole: JsonObject,
  { id, secret }: SchemaField,
): string | number | boolean | undefined {
  if (secret) return undefined;
  const [name = id, part] = id.split('.', 2);
  const outer = whole[name];
  const value = part === undefined ? outer : isObject(outer) ? outer[part] : undefined;
  // A form sends its defaults back as they are shown, so a value shown without its secrets would overwrite them.
  if (!isSameJson(redact(value), value)) return undefined;
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  return isScalar(value) ? value : undefined;
}

/** Whether a value can be shown as the default of a field: a scalar that contains no secret. */
const isShowable = (value: unknown): value is string | number | boolean =>
  isScalar(value) && redact(value) === value;

const isScalar = (value: unknown): value is string | number | boolean =>
  ['string', 'number', 'boolean'].includes(typeof value);

function readAs(type: SchemaFieldType, text: string): unknown {
  if (type === 'text' || type === 'choice') return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

interface Properties {
  readonly properties: Readonly<Record<string, unknown>>;
  readonly required: ReadonlySet<string>;
}

/**
 * Property that refers to a Barbican secret. An alternative of a schema that has only this property is left out here,
 * because the forms have an input of their own for it.
 */
const REFERENCE_ONLY = 'secret_ref';

/** All properties of a schema, including those in `allOf`, `oneOf` and `anyOf`, and the names of the required ones. */
function flattened(schema: JsonObject, root: JsonObject, depth = 0): Properties {
  const own: Properties = {
    properties: isObject(schema['properties']) ? schema['properties'] : {},
    required: new Set(texts(schema['required'])),
  };
  if (depth > 5) return own;
  const all = schemasIn(schema['allOf'], root).map((part) => flattened(part, root, depth + 1));
  const alternatives = [...schemasIn(schema['oneOf'], root), ...schemasIn(schema['anyOf'], root)]
    .map((part) => flattened(part, root, depth + 1))
    .filter(({ properties }) => Object.keys(properties).join() !== REFERENCE_ONLY);
  return {
    properties: mergedProperties([own, ...all, ...alternatives].map(({ properties }) => properties)),
    required: new Set([
      ...[own, ...all].flatMap(({ required }) => [...required]),
      ...[...(alternatives[0]?.required ?? [])].filter((name) =>
        alternatives.every(({ required }) => required.has(name)),
      ),
    ]),
  };
}

/**
 * Merges the properties of several schemas. A property with different `const` or `enum` values accepts all of them;
 * otherwise the first definition counts.
 */
function mergedProperties(all: ReadonlyArray<Readonly<Record<string, unknown>>>): Record<string, unknown> {
  const merged: Record<string, unknown> = {};
  for (const [name, property] of all.flatMap((properties) => Object.entries(properties))) {
    const before = merged[name];
    const values = [...fixedValues(before), ...fixedValues(property)];
    merged[name] =
      isObject(before) && isObject(property) && values.length > 0
        ? { ...before, ...property, enum: [...new Set(values)] }
        : (before ?? property);
  }
  return merged;
}

const fixedValues = (property: unknown): readonly unknown[] => {
  if (!isObject(property)) return [];
  if (Array.isArray(property['enum'])) return property['enum'] as readonly unknown[];
  return 'const' in property ? [property['const']] : [];
};

const schemasIn = (value: unknown, root: JsonObject): readonly JsonObject[] =>
  Array.isArray(value) ? value.filter(isObject).map((one) => resolved(one, root)) : [];

/** Resolves a `$ref` within the document. */
function resolved(given: unknown, root: JsonObject): JsonObject {
  if (!isObject(given)) return {};
  const reference = given['$ref'];
  if (typeof reference !== 'string' || !reference.startsWith('#/')) return given;
  let found: unknown = root;
  for (const step of reference.slice(2).split('/')) found = isObject(found) ? found[step] : undefined;
  return isObject(found) ? found : {};
}

const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];

function entryOf(
  id: string,
  titles: readonly string[],
  property: JsonObject,
  required: boolean,
  offer: ProviderOption | undefined,
): SchemaField {
  const choices = choicesOf(property, offer);
  const own = typeOf(property);
  const type = choices !== undefined && canBeChosen[own] ? 'choice' : own;
  const secret = isSecretName(id.split('.').at(-1) ?? id) || isMarkedSecret(property);
  const standard = secret
    ? undefined
    : [property['default'], offer?.config_default]
        .map((value) => chosenValue(value, choices))
        .find(isShowable);
  return {
    id,
    title: [...titles.slice(0, -1), titleOf(titles.at(-1) ?? id, property)].join(': '),
    type,
    required,
    ...withoutUndefined({ default: standard }),
    ...(type === 'choice' && choices !== undefined ? { choices } : {}),
    secret,
  };
}

/** Whether a field of a type becomes a choice when the property has choices. */
const canBeChosen: Readonly<Record<SchemaFieldType, boolean>> = {
  text: true,
  number: true,
  choice: true,
  flag: false,
  list: false,
  object: false,
};

function typeOf({ type, properties, items }: JsonObject): SchemaFieldType {
  const [first] = (Array.isArray(type) ? (type as unknown[]) : [type]).filter((one) => one !== 'null');
  if (first === 'integer' || first === 'number') return 'number';
  if (first === 'boolean') return 'flag';
  if (first === 'array' || (first === undefined && items !== undefined)) return 'list';
  if (first === 'object' || (first === undefined && properties !== undefined)) return 'object';
  return 'text';
}

/** Abbreviations in option names, written in capitals in titles. */
const ABBREVIATIONS =
  /\b(api|ca|cpu|dhcp|dns|gpu|id|ip|mac|nic|os|ram|ssh|ssl|tls|url|uuid|vlan|vm|vpc)(s?)\b/gu;

/**
 * Title of a field: the schema's title, else made from the name: "Migr network" for `migr_network`, "Keep VM IP" for
 * `keep_vm_ip`.
 */
function titleOf(name: string, { title }: JsonObject): string {
  if (typeof title === 'string' && title.trim() !== '') return shownTitle(title);
  const words = name
    .replaceAll('_', ' ')
    .trim()
    .replaceAll(ABBREVIATIONS, (_word, letters: string, plural: string) => letters.toUpperCase() + plural);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Cleans a title that comes from a provider or a platform, because such text is untrusted. */
const shownTitle = (title: string): string => quoteText(title, 200);

/** Choices of a field: the values that the platform offers, else those in the schema; undefined for free text. */
function choicesOf(property: JsonObject, offer: ProviderOption | undefined): SchemaFieldChoice[] | undefined {
  const offered = (offer?.values ?? []).flatMap(choiceOf);
  if (offered.length > 0) return offered;
  const listed = fixedValues(property).flatMap(choiceOf);
  return listed.length > 0 ? listed : undefined;
}

/**
 * Converts an offered value to a choice, in a list that is empty when it cannot be one. The value of an object is its
 * id (docs/reference/coriolis-api.md §6.3).
 */
function choiceOf(value: unknown): SchemaFieldChoice[] {
  if (isScalar(value)) return [{ value, title: shownTitle(String(value)) }];
  if (!isObject(value) || !isScalar(value['id'])) return [];
  const { id, name } = value;
  return [{ value: id, title: shownTitle(String(isScalar(name) ? name : id)) }];
}

/** Value of the choice that a default means, by value or else by title. Without choices, the default itself. */
function chosenValue(value: unknown, choices: readonly SchemaFieldChoice[] | undefined): unknown {
  if (choices === undefined || choices.some((choice) => choice.value === value)) return value;
  return choices.find(({ title }) => title === value)?.value;
}

/** Part of a platform's offer that belongs to one key of an object, such as the images of one operating system. */
function partOf({ name, values, config_default: standard }: ProviderOption, part: string): ProviderOption {
  const ofSystem = (value: unknown): boolean =>
    !isObject(value) || value['os_type'] === undefined || value['os_type'] === part;
  return {
    name,
    values: values.filter(ofSystem),
    config_default: isObject(standard) ? standard[part] : undefined,
  };
}
