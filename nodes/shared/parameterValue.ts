import { InvalidInputError } from '../../src/api/errors';
import type { JsonObject } from '../../src/fields';
import { isObject } from '../../src/model/json';
import { objectOf, type EntryType, type FormEntry } from '../../src/model/schema-form';

/** Values as n8n keeps them in parameters, and what they stand for. */

/** What a resource locator points at; other values as they are. */
export const plain = (value: unknown): unknown =>
  isObject(value) && '__rl' in value && 'value' in value ? value['value'] : value;

/** What a form or rows were filled in with, as a text would say it; undefined when nothing was. */
export function comfortValue(name: string, parameter: unknown): JsonObject | undefined {
  if (!isObject(parameter)) return undefined;
  const value = Array.isArray(parameter['rows']) ? rowsValue(name, parameter['rows']) : formValue(parameter);
  return Object.keys(value).length === 0 ? undefined : value;
}

/** Types of n8n's form fields, by those of ours; fields that n8n draws as JSON hold texts. */
export const mapperTypes = {
  text: 'string',
  number: 'number',
  flag: 'boolean',
  choice: 'options',
  list: 'array',
  object: 'object',
} as const satisfies Record<EntryType, string>;

const entryTypes = new Map<unknown, EntryType>(
  (Object.entries(mapperTypes) as [EntryType, string][]).map(([ours, theirs]) => [theirs, ours]),
);

/** The object that a form stands for. n8n keeps the form's fields beside the values, so their types are known. */
export function formValue({ value, schema }: JsonObject): JsonObject {
  const types: Record<FormEntry['id'], EntryType> = {};
  for (const field of Array.isArray(schema) ? (schema as unknown[]) : []) {
    if (isObject(field)) types[String(field['id'])] = entryTypes.get(field['type']) ?? 'text';
  }
  return objectOf(isObject(value) ? value : {}, types);
}

/** @throws {InvalidInputError} a row that is half filled in, or a source named twice */
function rowsValue(name: string, rows: readonly unknown[]): JsonObject {
  const pairs: Record<string, string> = {};
  for (const row of rows.filter(isObject)) {
    const [source = '', destination = ''] = [row['source'], row['destination']].map((side) =>
      textOf(plain(side)),
    );
    if (source === '' && destination === '') continue;
    const wrong =
      source === '' || destination === ''
        ? `has a row without a ${source === '' ? 'source' : 'destination'}${source === '' ? '' : `: "${source}"`}`
        : source in pairs
          ? `maps "${source}" twice`
          : undefined;
    if (wrong !== undefined) {
      throw new InvalidInputError(`${name} ${wrong}.`, {
        field: name,
        advice: 'Nothing was sent. Correct the rows and try again.',
      });
    }
    pairs[source] = destination;
  }
  return pairs;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value.trim() : '');
