import { InvalidInputError } from '../api/errors';
import type { AnyField, MapField, MapSides, Offer, Rows } from './field';
import { text } from './fields';
import type { JsonObject } from '../model/json';

/** What forms offer in rows: maps whose sides can be listed, and objects that say how. */

/** How a field is filled in row by row; undefined when it is not. */
export function rowsOf(field: AnyField): Rows | undefined {
  if (field.kind === 'json') return field.rows;
  return field.kind === 'map' && field.sides !== undefined ? mapRows(field, field.sides) : undefined;
}

/** What the texts of a field, and of its rows, are chosen from. */
export function offersOf(field: AnyField): readonly Offer[] {
  return [field, ...Object.values(rowsOf(field)?.columns ?? {})].flatMap((one) =>
    one.kind === 'text' && one.offer !== undefined ? [one.offer] : [],
  );
}

/** A row that cannot be meant. */
export const wrongRow = (name: string, what: string): InvalidInputError =>
  new InvalidInputError(`${name} ${what}.`, {
    field: name,
    advice: 'Nothing was sent. Correct the rows and try again.',
  });

/** A cell without the blanks around it. */
export const cell = (row: JsonObject, column: string): string => {
  const value = row[column];
  return typeof value === 'string' ? value.trim() : '';
};

function mapRows({ title, keyTitle, valueTitle }: MapField, { key, value, within }: MapSides): Rows {
  const side = (name: string, of: Offer['side']) =>
    text(name, '', { optional: true, offer: { side: of, within } });
  return {
    title: title.replace(/s$/u, '').replace(/ Map$/u, ''),
    columns: { source: side(keyTitle, key), destination: side(valueTitle, value) },
    whole(rows, name) {
      const pairs: Record<string, string> = {};
      for (const row of rows) {
        const [source, destination] = [cell(row, 'source'), cell(row, 'destination')];
        if (source === '' && destination === '') continue;
        if (source === '') throw wrongRow(name, 'has a row without a source');
        if (destination === '') throw wrongRow(name, `has a row without a destination: "${source}"`);
        if (source in pairs) throw wrongRow(name, `maps "${source}" twice`);
        pairs[source] = destination;
      }
      return pairs;
    },
  };
}
