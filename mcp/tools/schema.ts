import type { AnyField, Fields } from '../../src/vocabulary/field';
import type { Shape, ShapeField } from '../../src/vocabulary/shape';
import { spell } from '../snake-case';

/** A JSON Schema, as far as it is used here. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** The argument that holds the seldom needed ones. */
export const OPTIONS = 'options';

/** From so many advanced fields on, they share one argument: each property costs a model about 30 tokens in every turn. */
const MANY_OPTIONS = 2;

/**
 * The arguments of a tool: one property a field, described by the field itself. Advanced fields, when there are several,
 * are keys of `options`; a call may name them there or beside it.
 */
export function inputSchema(fields: Fields, more: Readonly<Record<string, JsonSchema>>): JsonSchema {
  const all = Object.entries(fields);
  const advanced = all.filter(([, field]) => field.advanced);
  const shared = advanced.length >= MANY_OPTIONS ? advanced : [];
  const required = all.filter(([, field]) => field.required);
  return {
    type: 'object',
    properties: {
      ...Object.fromEntries(
        all.filter((entry) => !shared.includes(entry)).map(([name, field]) => [spell(name), property(field)]),
      ),
      ...(shared.length === 0 ? {} : { [OPTIONS]: optionsProperty(shared) }),
      ...more,
    },
    ...(required.length === 0 ? {} : { required: required.map(([name]) => spell(name)) }),
  };
}

/** Up to so many options are explained; more are only named, and the errors of wrong ones explain. */
const FEW_OPTIONS = 3;

const optionsProperty = (fields: ReadonlyArray<readonly [string, AnyField]>): JsonSchema => ({
  type: 'object',
  additionalProperties: true,
  description:
    fields.length <= FEW_OPTIONS
      ? `${fields.map(([name, field]) => `${spell(name)} (${kindOf(field)}): ${gist(field)}`).join('; ')}.`
      : `More: ${[...byKind(fields)].map(([kind, names]) => `${names.join(', ')} (${kind})`).join('; ')}.`,
});

function byKind(fields: ReadonlyArray<readonly [string, AnyField]>): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const [name, field] of fields) {
    const kind = kindOf(field);
    groups.set(kind, [...(groups.get(kind) ?? []), spell(name)]);
  }
  return groups;
}

function kindOf(field: AnyField): string {
  if (field.kind === 'map') return 'object of source: destination';
  return String(property(field)['type']);
}

/** The first clause of a description. */
const gist = ({ description }: AnyField): string =>
  description
    .replace(/^Whether (to )?/u, '')
    .replace(/[,;:.](\s.*)?$/su, '')
    .replace(/^[A-Z](?=[a-z])/u, (letter) => letter.toLowerCase());

function property(field: AnyField): JsonSchema {
  const { description } = field;
  switch (field.kind) {
    case 'text':
    case 'reference':
      return { type: 'string', description };
    case 'number':
      return {
        type: 'integer',
        description,
        minimum: field.minimum,
        ...(field.maximum === Number.MAX_SAFE_INTEGER ? {} : { maximum: field.maximum }),
        ...(field.default === undefined ? {} : { default: field.default }),
      };
    case 'flag':
      // False is what a missing flag means to everybody; saying so costs tokens in every tool.
      return { type: 'boolean', description, ...(field.default === true ? { default: true } : {}) };
    case 'choice':
      return {
        type: 'string',
        enum: field.choices.map(({ value }) => value),
        description,
        ...(field.default === undefined ? {} : { default: field.default }),
      };
    case 'list':
      return { type: 'array', items: { type: 'string' }, description };
    case 'map':
      return {
        type: 'object',
        additionalProperties: field.objects ? true : { type: 'string' },
        description,
      };
    case 'json':
    case 'form':
      return { type: 'object', additionalProperties: true, description };
  }
}

/**
 * The object that a shape describes, two levels deep: hosts do not show output schemas to the model, clients check with
 * them. Nothing is required, because absent stands for null and callers may select keys.
 */
export const outputSchema = (shape: Shape): JsonSchema => objectOf(shape, nested);

const objectOf = (shape: Shape, inner: (field: ShapeField) => JsonSchema): JsonSchema => ({
  type: 'object',
  properties: Object.fromEntries(
    Object.entries(shape).map(([key, field]) => [key, { ...inner(field), description: meaning(field) }]),
  ),
});

/** What a key means. Null is not shown, and what others wrote is said to be so. */
const meaning = ({ description, untrusted }: ShapeField): string =>
  description.replace(/; null [^;]*$/u, '') + (untrusted ? ' (written by others)' : '');

const nested = (field: ShapeField): JsonSchema => {
  if (field.keys === undefined) return flat(field);
  const keys = objectOf(field.keys, flat);
  return field.type === 'array' ? { type: 'array', items: keys } : keys;
};

const flat = ({ type }: ShapeField): JsonSchema =>
  type === 'object' ? { type, additionalProperties: true } : { type };
