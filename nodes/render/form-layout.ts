import type {
  AnyField,
  Fields,
  FormField,
  JsonField,
  MapField,
  NumberField,
  TextSuggestions,
} from '../../src/vocabulary/field';
import type { Operation } from '../../src/operation';
import { rowFormOf, textSuggestionsOf } from '../../src/vocabulary/row-forms';

/**
 * Place of a field in the form of an operation: at the top level, under "Filters" (of a list), or under "Options".
 */
export type FieldPlace = 'form' | 'filters' | 'options';

/**
 * Kinds of fields whose empty input counts as not given. The inputs of other kinds are never empty: optional fields of
 * these kinds without a default are in a collection, or they would always be sent.
 */
const mayStayEmpty: ReadonlySet<AnyField['kind']> = new Set([
  'text',
  'json',
  'list',
  'map',
  'form',
  'reference',
]);

/** Place of a field in the form, for the code that renders it and for the code that reads it. */
export function formPlaceOf(field: AnyField, operation: Pick<Operation, 'kind'>): FieldPlace {
  if (field.required || field.isOnTop === true) return 'form';
  if (field.advanced) return 'options';
  const hasDefault = 'default' in field && field.default !== undefined;
  if (hasDefault) return 'form';
  if (operation.kind === 'list') return 'filters';
  return mayStayEmpty.has(field.kind) || isDropDownNumber(field) ? 'form' : 'options';
}

/**
 * Maximum number of values of a number that is chosen from a drop-down, such as hours and days. Unlike a number input,
 * a drop-down can stay empty.
 */
const maxDropDownValues = 60;

/** Whether a number field is rendered as a drop-down: it is optional, has no default and few values. */
export const isDropDownNumber = (field: AnyField): field is NumberField =>
  field.kind === 'number' &&
  !field.required &&
  !field.isDuration &&
  field.default === undefined &&
  field.maximum - field.minimum < maxDropDownValues;

/** Name of the method that computes the hint shown in an operation's form. */
export const formHintMethodNameOf = ({ resource, name }: Pick<Operation, 'resource' | 'name'>): string =>
  `foresee${capital(resource)}${capital(name)}`;

/** Fields in the order of the form: required ones first, then as declared. */
export const sortInFormOrder = (fields: Fields): ReadonlyArray<readonly [string, AnyField]> =>
  Object.entries(fields).sort(([, one], [, other]) => Number(other.required) - Number(one.required));

/**
 * Name of the method that lists candidates for references to `resource`. A list that depends on another field has a
 * method of its own, because n8n does not tell a method for which field it is called.
 */
export const searchMethodNameOf = (resource: string, within: string | undefined): string =>
  `search${capital(resource)}${within === undefined ? '' : `In${capital(within)}`}`;

/** Name of the method that lists candidates for a multi-select. */
export const multiSelectMethodNameOf = (resource: string, within: string | undefined): string =>
  `load${capital(resource)}${within === undefined ? '' : `In${capital(within)}`}`;

/** Name of the method that lists suggestions for a text field, such as the storage of the destination. */
export const suggestionMethodNameOf = ({ side, within }: TextSuggestions): string =>
  `search${capital(side)}Of${within.map(capital).join('')}`;

/** Name of the method that makes the form of a field from a provider's schema. */
export const mapperMethodNameOf = ({ schema, within }: Pick<FormField, 'schema' | 'within'>): string =>
  `map${capital(schema)}In${capital(within)}`;

/**
 * Name of the parameter that is a field's editor, with its form or its rows. The parameter with the field's own name
 * takes JSON or text and overrides the editor, so that expressions, tools and workflows written by programs work.
 */
export const editorParameterNameOf = (name: string, field: EditorField): string =>
  `${name}${field.kind === 'form' ? 'Form' : 'Rows'}`;

/** Name of the parameter that chooses between editor and JSON. Fields in collections have no such parameter. */
export const specifyParameterNameOf = (name: string): string => `specify${capital(name)}`;

/** Name of the parameter that collects the rows of all fields whose JSON or text is under "Options" or "Filters". */
export const moreRowsParameterName = 'moreRows';

/**
 * Name of a hidden parameter with the values, for every input item, that the drop-down lists in rows depend on. It is
 * needed because n8n's editor resolves the expressions of visible parameters for one item only.
 */
export const itemInputsParameterName = 'everyItem';

/** Names of the inputs that decide what the drop-down lists in an operation's rows and text fields offer. */
export const findInputsThatListsDependOn = (fields: Fields): readonly string[] => [
  ...new Set(
    Object.values(fields).flatMap((field) => textSuggestionsOf(field).flatMap(({ within }) => within)),
  ),
];

/** Whether the rows of a field are in the parameter `moreRows`, because its text is in a collection. */
export const hasRowsInMoreRowsParameter = (field: AnyField, place: FieldPlace): field is EditorField =>
  place !== 'form' && hasEditor(field, place);

/** Fields that can have an editor. */
export type EditorField = FormField | MapField | JsonField;

/** Whether a field has an editor (a form or rows) beside its JSON or text. n8n shows forms only outside collections. */
export const hasEditor = (field: AnyField, place: FieldPlace): field is EditorField =>
  field.kind === 'form' ? place === 'form' : rowFormOf(field) !== undefined;

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
