import { withoutUndefined } from '../../src/model/json';
import type { AnyField, Fields } from '../../src/vocabulary/field';
import { INPUT_LIMITS } from '../../src/vocabulary/input-limits';
import type { Shape, ResultKey } from '../../src/vocabulary/result-keys';
import { toSnakeCase } from '../snake-case';
import { OPTIONS_ARGUMENT, type ArgumentsUnderOptions } from './arguments-under-options';

/** A JSON Schema. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/**
 * Input schema of a tool: one property for each field. Several advanced fields become keys of `options`. A call may
 * give them there or at the top level.
 * @param refuses whether unknown arguments are refused rather than ignored
 * @param more properties that MCP adds: page, keys to show, confirmation
 */
export function makeInputSchema(
  fields: Fields,
  refuses: boolean,
  more: Readonly<Record<string, JsonSchema>>,
  { names, describedElsewhere: repeated }: ArgumentsUnderOptions,
): JsonSchema {
  const all = Object.entries(fields).filter(([name]) => repeated?.names.includes(name) !== true);
  const shared = all.filter(([name]) => names.includes(name));
  const required = all.filter(([, field]) => field.required);
  return {
    type: 'object',
    properties: {
      ...Object.fromEntries(
        all
          .filter((entry) => !shared.includes(entry))
          .map(([name, field]) => [toSnakeCase(name), propertySchema(field)]),
      ),
      ...(shared.length === 0 && repeated === undefined
        ? {}
        : { [OPTIONS_ARGUMENT]: optionsProperty(shared, repeated?.tool) }),
      ...more,
    },
    ...(required.length === 0 ? {} : { required: required.map(([name]) => toSnakeCase(name)) }),
    ...(refuses ? { additionalProperties: false } : {}),
  };
}

/** Maximum number of options that are explained one by one; with more, they are only named. */
const MAX_EXPLAINED = 3;

const optionsProperty = (
  fields: ReadonlyArray<readonly [string, AnyField]>,
  repeated: string | undefined,
): JsonSchema => ({
  type: 'object',
  description: [
    ...(repeated === undefined ? [] : [`Arguments of ${repeated}.`]),
    ...(fields.length === 0 ? [] : [optionTexts(fields)]),
  ].join(' '),
});

const optionTexts = (fields: ReadonlyArray<readonly [string, AnyField]>): string =>
  fields.length <= MAX_EXPLAINED
    ? `${fields.map(([name, field]) => `${toSnakeCase(name)} (${kindOf(field)}): ${firstClause(field)}`).join('; ')}.`
    : `Only: ${[...byKind(fields)].map(([kind, names]) => `${names.join(', ')} (${kind})`).join('; ')}.`;

function byKind(fields: ReadonlyArray<readonly [string, AnyField]>): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const [name, field] of fields) {
    const kind = kindOf(field);
    groups.set(kind, [...(groups.get(kind) ?? []), toSnakeCase(name)]);
  }
  return groups;
}

function kindOf(field: AnyField): string {
  if (field.kind === 'map') return 'object of source: destination';
  return String(propertySchema(field)['type']);
}

/** First clause of a description. */
const firstClause = ({ description }: AnyField): string =>
  description
    .replace(/^Whether (to )?/u, '')
    .replace(/[,;:.](\s.*)?$/su, '')
    .replace(/^[A-Z](?=[a-z])/u, (letter) => letter.toLowerCase());

/**
 * Pattern of a description that only repeats the name of its reference, such as that of `schedule_id`. It is left out.
 */
const REPEATS_ITS_NAME = /^Id of the [a-z ]+\.$/u;

function propertySchema(field: AnyField): JsonSchema {
  const { description } = field;
  switch (field.kind) {
    case 'text':
      return { type: 'string', description };
    case 'reference':
      return { type: 'string', ...(REPEATS_ITS_NAME.test(description) ? {} : { description }) };
    case 'number':
      return {
        type: 'integer',
        description,
        minimum: field.minimum,
        ...(field.maximum === Number.MAX_SAFE_INTEGER ? {} : { maximum: field.maximum }),
        ...withoutUndefined({ default: field.default }),
      };
    case 'flag':
      // False is the usual default of a flag; stating it would cost tokens in every tool.
      return { type: 'boolean', description, ...(field.default === true ? { default: true } : {}) };
    case 'choice':
      return {
        type: 'string',
        enum: field.choices.map(({ value }) => value),
        description,
        ...withoutUndefined({ default: field.default }),
      };
    case 'list':
      return { type: 'array', items: { type: 'string' }, maxItems: field.maximum, description };
    case 'map':
      return {
        type: 'object',
        ...(field.objects || field.parts !== undefined ? {} : { additionalProperties: { type: 'string' } }),
        maxProperties: INPUT_LIMITS.entries,
        description,
      };
    case 'records':
      return { type: 'array', items: { type: 'object' }, maxItems: INPUT_LIMITS.rows, description };
    case 'json':
    case 'form':
      return { type: 'object', description };
  }
}

/**
 * Output schema of a result, two levels deep. Clients validate results with it; hosts do not show it to the model. No
 * key is required, because nulls are left out and callers may select keys.
 */
export const makeResultSchema = (shape: Shape): JsonSchema => objectOf(shape, nested);

const objectOf = (shape: Shape, inner: (field: ResultKey) => JsonSchema): JsonSchema => ({
  type: 'object',
  properties: Object.fromEntries(
    Object.entries(shape)
      .filter(([, { rendered }]) => rendered === undefined)
      .map(([key, field]) => [key, { ...inner(field), description: keyDescription(field) }]),
  ),
});

/** Description of a key. The clause about null is removed, because nulls are left out; text of others gets a mark. */
const keyDescription = ({ description, untrusted }: ResultKey): string =>
  description.replace(/; null [^;]*$/u, '') + (untrusted ? ' (written by others)' : '');

const nested = (field: ResultKey): JsonSchema => {
  if (field.keys === undefined) return flat(field);
  const keys = objectOf(field.keys, flat);
  return field.type === 'array' ? { type: 'array', items: keys } : keys;
};

const flat = ({ type }: ResultKey): JsonSchema =>
  type === 'object' ? { type, additionalProperties: true } : { type };
