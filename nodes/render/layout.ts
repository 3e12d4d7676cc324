import type {
  AnyField,
  Fields,
  FormField,
  JsonField,
  MapField,
  NumberField,
  Offer,
} from '../../src/vocabulary/field';
import type { Operation } from '../../src/operation';
import { rowsOf } from '../../src/vocabulary/rows';

/**
 * Where the form keeps a field: beside the required ones, under "Filters" (what narrows a list), or under "Options". The
 * renderer and the reader both ask here, so they cannot disagree.
 */
export type Place = 'form' | 'filters' | 'options';

/** Kinds whose empty input reads as "not given". The others would always send something when they stood in the open. */
const mayStayEmpty: ReadonlySet<AnyField['kind']> = new Set([
  'text',
  'json',
  'list',
  'map',
  'form',
  'reference',
]);

export function placeOf(field: AnyField, operation: Pick<Operation, 'kind'>): Place {
  if (field.required) return 'form';
  if (field.advanced) return 'options';
  const hasDefault = 'default' in field && field.default !== undefined;
  if (hasDefault) return 'form';
  if (operation.kind === 'list') return 'filters';
  return mayStayEmpty.has(field.kind) || isPicked(field) ? 'form' : 'options';
}

/** Values enough for a drop-down: an hour, a day. It can stay empty, which a number cannot. */
const mostPicked = 60;

/** Whether a number is picked from a list of all it can be. */
export const isPicked = (field: AnyField): field is NumberField =>
  field.kind === 'number' &&
  !field.required &&
  field.default === undefined &&
  field.maximum - field.minimum < mostPicked;

/** Name of the method that tells what follows from what is filled in. */
export const formHintMethod = ({ resource, name }: Pick<Operation, 'resource' | 'name'>): string =>
  `foresee${capital(resource)}${capital(name)}`;

/** Fields in the order of the form: required ones first, otherwise as declared. */
export const inFormOrder = (fields: Fields): ReadonlyArray<readonly [string, AnyField]> =>
  Object.entries(fields).sort(([, one], [, other]) => Number(other.required) - Number(one.required));

/**
 * Name of the method that lists candidates for references to `resource`. A list that depends on another field has a method
 * of its own, because n8n tells a method which node it works for, but not which field.
 */
export const searchMethod = (resource: string, within: string | undefined): string =>
  `search${capital(resource)}${within === undefined ? '' : `In${capital(within)}`}`;

/** As `searchMethod`, for drop-downs in which several can be ticked. */
export const loadMethod = (resource: string, within: string | undefined): string =>
  `load${capital(resource)}${within === undefined ? '' : `In${capital(within)}`}`;

/** As `searchMethod`, for a text that is chosen from what belongs to a move. */
export const offerMethod = ({ side, within }: Offer): string =>
  `search${capital(side)}Of${within.map(capital).join('')}`;

/** Name of the method that makes the form of a field whose fields a provider's schema names. */
export const mapperMethod = ({ schema, within }: Pick<FormField, 'schema' | 'within'>): string =>
  `map${capital(schema)}In${capital(within)}`;

/**
 * Some values are filled in comfortably, in a form or in rows, or written as text, which is what tools, expressions and
 * workflows made by programs do. The text has the field's own name and wins; these are the names of what stands beside it.
 */
export const comfortName = (name: string, field: HasEditor): string =>
  `${name}${field.kind === 'form' ? 'Form' : 'Rows'}`;

/** Name of the choice between the two, in the open; in a collection a person simply adds the one or the other. */
export const specifyName = (name: string): string => `specify${capital(name)}`;

export type HasEditor = FormField | MapField | JsonField;

/** Whether a field has such a comfortable twin. A form needs the open: n8n draws it nowhere else. */
export const hasComfort = (field: AnyField, place: Place): field is HasEditor =>
  field.kind === 'form' ? place === 'form' : rowsOf(field) !== undefined;

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
