import { formatDuration } from '../../src/model/duration';
import { withoutUndefined } from '../../src/model/json';
import type { INodeProperties } from 'n8n-workflow';
import type { AnyField, ListField, NumberField, ReferenceField, TextField } from '../../src/vocabulary/field';
import { canBeGivenByName } from '../../src/lookup/name-lookup-lists';
import {
  isDropDownNumber,
  multiSelectMethodNameOf,
  suggestionMethodNameOf,
  searchMethodNameOf,
} from './form-layout';
import { renderResourceLocator } from './resource-locator';
import { helpTextOf, removeBracketsFromTitle, toTitleCase } from './ui-texts';

/** Pattern for names that n8n's linter takes for secrets. It demands that their inputs hide what is typed. */
const secretName = /secret|password|token/iu;

/** Renders a field as a parameter of the form, without its display conditions. */
export function renderField(name: string, field: AnyField): INodeProperties {
  const rendered = renderers[field.kind](name, field as never);
  return {
    displayName: field.title,
    name,
    ...rendered,
    ...(field.required ? { required: true } : {}),
    ...(field.placeholder === undefined || 'placeholder' in rendered
      ? {}
      : { placeholder: `e.g. ${field.placeholder}` }),
    ...('description' in rendered || field.description === '' ? {} : { description: helpTextOf(field) }),
  };
}

type Rendered = Pick<INodeProperties, 'type' | 'default'> & Partial<INodeProperties>;
type Renderer<K extends AnyField['kind']> = (name: string, field: Extract<AnyField, { kind: K }>) => Rendered;

/** Initial value of a JSON editor, which counts as not given. The editor would mark an empty text as an error. */
export const emptyJsonObject = '{}';
export const emptyJsonList = '[]';

const jsonEditor = (field: AnyField): Rendered => ({
  type: 'json',
  default: emptyJsonObject,
  description: withHint(field, 'Leave it at {} for none.'),
});

const renderers: { readonly [K in AnyField['kind']]: Renderer<K> } = {
  text: (name, field) => renderText(name, field),

  number: (_name, field) =>
    field.isDuration
      ? renderDuration(field)
      : isDropDownNumber(field)
        ? renderNumberDropDown(field)
        : renderNumber(field),

  flag: (_name, field) => ({ type: 'boolean', default: field.default ?? false }),

  choice: (_name, { default: preset, choices }) => ({
    type: 'options',
    default: preset ?? choices[0]?.value ?? '',
    options: choices
      .map(({ value, title, description, since }) => ({
        name: toTitleCase(title),
        value,
        ...(description === undefined
          ? {}
          : { description: helpTextOf({ description, ...withoutUndefined({ since }) }) }),
      }))
      .sort((one, other) => one.name.localeCompare(other.name)),
  }),

  json: (_name, field) => jsonEditor(field),
  records: (_name, field) => ({
    type: 'json',
    default: emptyJsonList,
    description: withHint(field, 'Leave it at [] for the items of this node.'),
  }),
  form: (_name, field) => jsonEditor(field),

  // Multi-line text, because a JSON editor refuses the `source=destination` spelling.
  map: (_name, field) => ({
    type: 'string',
    default: '',
    typeOptions: { rows: 3 },
    description: withHint(field, 'Give JSON, or one source=destination a line.'),
  }),

  list: (_name, field) =>
    field.of === undefined
      ? {
          type: 'string',
          default: '',
          description: withHint(field, 'Several with commas, or an expression with an array.'),
        }
      : renderReferenceList(field, field.of),

  reference: (_name, field) => renderReference(field),
};

const renderText = (name: string, { title, default: preset, multiline, offer }: TextField): Rendered =>
  offer === undefined
    ? {
        type: 'string',
        default: preset ?? '',
        ...(multiline ? { typeOptions: { rows: 4 } } : {}),
        ...(secretName.test(name) ? { typeOptions: { password: true } } : {}),
      }
    : renderResourceLocator(title, suggestionMethodNameOf(offer), 'name');

const renderNumber = ({ default: preset, minimum, maximum }: NumberField): Rendered => ({
  type: 'number',
  default: preset ?? minimum,
  typeOptions: {
    minValue: minimum,
    ...(maximum === Number.MAX_SAFE_INTEGER ? {} : { maxValue: maximum }),
    numberPrecision: 0,
  },
});

/** Makes a text input for a duration such as `2h 30m`. A number, as older workflows have it, counts seconds. */
const renderDuration = (field: NumberField): Rendered => ({
  type: 'string',
  default: field.default === undefined ? '' : formatDuration(field.default),
  placeholder: 'e.g. 2h 30m',
  description: withHint(
    { ...field, description: field.description.replace(/^Seconds /u, 'Time ') },
    'Such as 45m, 2h or 1d; a number counts seconds.',
  ),
});

const renderNumberDropDown = ({ minimum, maximum, labels }: NumberField): Rendered => ({
  type: 'options',
  default: '',
  options: [
    { name: 'Any', value: '' },
    ...Array.from({ length: maximum - minimum + 1 }, (_, index) => ({
      name: labels?.[index] ?? String(minimum + index).padStart(2, '0'),
      value: minimum + index,
    })),
  ],
});

/** Makes a resource locator: a list, an id and, for resources that have names (`canBeGivenByName`), an exact name. */
function renderReference({ resource, within, title, placeholder }: ReferenceField): Rendered {
  return {
    ...renderResourceLocator(
      title,
      searchMethodNameOf(resource, within),
      canBeGivenByName(resource) ? 'id or name' : 'id',
      placeholder,
    ),
    // n8n empties this field when the parent field changes, because its choices depend on the parent.
    ...(within === undefined ? {} : { typeOptions: { loadOptionsDependsOn: [`${within}.value`] } }),
  };
}

/**
 * Makes a multi-select for a list of references. `readInput` also accepts what expressions give: an array, a text with
 * commas, JSON text or `$fromAI(…)`. A fixed collection of locators would take a click for each entry. No expression
 * could fill it from an array, which workflows over many machines and AI tools need.
 */
function renderReferenceList(field: ListField, { resource, within }: NonNullable<ListField['of']>): Rendered {
  return {
    displayName: `${removeBracketsFromTitle(field.title).replace(/s$/u, '')} Names or IDs`,
    type: 'multiOptions',
    default: [],
    typeOptions: {
      loadOptionsMethod: multiSelectMethodNameOf(resource, within),
      ...(within === undefined ? {} : { loadOptionsDependsOn: [`${within}.value`] }),
    },
    // n8n's linter requires this wording where a method loads the choices.
    description: withHint(
      field,
      'Choose from the list, or specify IDs using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
    ),
  };
}

/** Appends a hint about the input to the help text of a field. */
const withHint = (field: AnyField, hint: string): string =>
  `${helpTextOf(field).replace(/\.$/u, '')}. ${hint}`;
