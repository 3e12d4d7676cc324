import { InvalidInputError } from '../api/errors';
import type { AnyField, MapField, MapSides, TextSuggestions, RowForm } from './field';
import { text } from './field-constructors';
import type { JsonObject } from '../model/json';

/** Fields that forms show as rows: maps with choices for their sides, and JSON objects with a definition of rows. */

/** Definition of the rows in which forms show a field; undefined when they do not show rows. */
export function rowFormOf(field: AnyField): RowForm | undefined {
  if (field.kind === 'json') return field.rows;
  return field.kind === 'map' && field.sides !== undefined ? mapRows(field, field.sides) : undefined;
}

/** Suggestions that forms list for a field and for the cells of its rows. */
export function textSuggestionsOf(field: AnyField): readonly TextSuggestions[] {
  return [field, ...Object.values(rowFormOf(field)?.columns ?? {})].flatMap((one) =>
    one.kind === 'text' && one.offer !== undefined ? [one.offer] : [],
  );
}

/** Error about an invalid row. */
export const invalidRowError = (name: string, what: string): InvalidInputError =>
  new InvalidInputError(`${name} ${what}.`, {
    field: name,
    advice: 'Nothing was sent. Correct the rows and try again.',
  });

/**
 * Text of a cell exactly as it was filled in, because names may end with blanks. Empty when the cell holds only blanks.
 */
export const cellTextOf = (row: JsonObject, column: string): string => {
  const value = row[column];
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value : '';
};

function mapRows({ title, keyTitle, valueTitle }: MapField, { key, value, within }: MapSides): RowForm {
  const side = (name: string, of: TextSuggestions['side'] | undefined) =>
    text(name, '', { optional: true, offer: of && { side: of, within } });
  return {
    title: title.replace(/s$/u, '').replace(/ Map$/u, ''),
    columns: { source: side(keyTitle, key), destination: side(valueTitle, value) },
    objectFromRows(rows, name) {
      const pairs = new Map<string, string>();
      for (const row of rows) {
        const [source, destination] = [cellTextOf(row, 'source'), cellTextOf(row, 'destination')];
        if (source === '' && destination === '') continue;
        if (source === '') throw invalidRowError(name, 'has a row without a source');
        if (destination === '') throw invalidRowError(name, `has a row without a destination: "${source}"`);
        if (pairs.has(source)) throw invalidRowError(name, `maps "${source}" twice`);
        pairs.set(source, destination);
      }
      return Object.fromEntries(pairs);
    },
  };
}
