import { isObject, type JsonObject } from '../../src/model/json';
import { objectFromForm, type SchemaFieldType, type SchemaField } from '../../src/model/form-from-schema';
import type { Fields } from '../../src/vocabulary/field';
import type { FieldNameSpelling } from '../../src/vocabulary/read-input';
import { rowFormOf } from '../../src/vocabulary/row-forms';
import type { EditorField } from '../render/form-layout';

/** Functions that convert n8n's parameter values to inputs of operations. */

/** Function that turns a field name into its label in the form, for errors. */
export const makeLabelSpelling =
  (fields: Fields): FieldNameSpelling =>
  (name) =>
    fields[name]?.title ?? name;

/** Returns the value in a resource locator, and any other value unchanged. */
export const unwrapLocator = (value: unknown): unknown =>
  isObject(value) && '__rl' in value && 'value' in value ? value['value'] : value;

/**
 * Reads the value of a field's editor (a form or rows); undefined when the editor is empty.
 * @param name name of the field, for the error
 * @throws {InvalidInputError} rows that are incomplete or contradict each other
 */
export function readEditorValue(
  name: string,
  field: EditorField,
  parameter: unknown,
): JsonObject | undefined {
  if (!isObject(parameter)) return undefined;
  const { rows } = parameter;
  const value = Array.isArray(rows)
    ? rowFormOf(field)?.objectFromRows(rows.filter(isObject).map(plainRow), name)
    : readFormValue(parameter);
  return value === undefined || Object.keys(value).length === 0 ? undefined : value;
}

const plainRow = (row: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(row).map(([column, value]) => [column, unwrapLocator(value)]));

/** n8n's type for each type of a form field. n8n stores the values of types that it shows as JSON as texts. */
export const mapperTypeByFieldType = {
  text: 'string',
  number: 'number',
  flag: 'boolean',
  choice: 'options',
  list: 'array',
  object: 'object',
} as const satisfies Record<SchemaFieldType, string>;

const entryTypes = new Map<unknown, SchemaFieldType>(
  (Object.entries(mapperTypeByFieldType) as [SchemaFieldType, string][]).map(([ours, theirs]) => [
    theirs,
    ours,
  ]),
);

/** Converts a form's value to an object. n8n stores the form's fields beside the values, so their types are known. */
export function readFormValue({ value, schema }: JsonObject): JsonObject {
  const types: Record<SchemaField['id'], SchemaFieldType> = {};
  for (const field of Array.isArray(schema) ? (schema as unknown[]) : []) {
    if (isObject(field)) types[String(field['id'])] = entryTypes.get(field['type']) ?? 'text';
  }
  return objectFromForm(isObject(value) ? value : {}, types);
}
