import type { IDisplayOptions, INodeProperties } from 'n8n-workflow';
import type { FormField, RowForm } from '../../src/vocabulary/field';
import { omit } from '../../src/model/json';
import { rowFormOf } from '../../src/vocabulary/row-forms';
import { editorName, mapperMethod, moreRowsParameter, specifyName, type EditorField } from './form-layout';
import { renderField } from './render-field';
import { fieldHelp, plainTitle } from './ui-texts';

/**
 * Fields with two kinds of input: an editor (a form or rows), and JSON or text. Environments have a form made from the
 * provider's schema, maps have rows with lists on both sides. JSON or text has the field's own name and overrides the
 * editor, so that workflows written by programs do what they say.
 */

/**
 * Renders a field outside a collection: the choice between form and JSON, both inputs, and a notice when a text
 * overrides the form.
 */
export function renderTopLevelEditor(name: string, field: EditorField): INodeProperties[] {
  const specify = specifyName(name);
  // Neither is required alone; the core reports when both are empty.
  const text = omit(renderField(name, field), 'required');
  const title = plainTitle(field.title);
  const [editor, plain] = field.kind === 'form' ? ['Form', 'JSON'] : ['Rows', 'Text'];
  const value = editor.toLowerCase();
  return [
    {
      displayName: `Specify ${title}`,
      name: specify,
      type: 'options',
      noDataExpression: true,
      options: [
        {
          name: `Using ${editor}`,
          value,
          description:
            field.kind === 'form'
              ? 'Fields and choices come from the platform'
              : field.kind === 'map' && field.sides?.key === undefined
                ? 'Destinations are chosen from a list'
                : 'Both sides are chosen from lists',
        },
        {
          name: `Using ${plain}`,
          value: plain.toLowerCase(),
          description: 'For expressions, and for what the other cannot express',
        },
      ],
      default: value,
    },
    ...(field.kind === 'form' && field.secret ? [clearTextNotice(name)] : []),
    {
      displayName: `${title} is given as ${plain} and that counts: choose Using ${plain} to see it, empty it to use ${field.kind === 'form' ? 'the form' : 'rows'}`,
      name: `${name}Notice`,
      type: 'notice',
      default: '',
      displayOptions: { show: { [specify]: [value], [name]: whenNotEmpty } },
    },
    {
      ...editorOf(name, field),
      displayOptions: { show: { [specify]: [value] }, hide: { [name]: whenNotEmpty } },
    },
    { ...text, displayOptions: { show: { [specify]: [plain.toLowerCase()] } } },
    // Kept while hidden, because n8n drops the values of missing parameters.
    { ...text, type: 'hidden', displayOptions: { show: { [specify]: [value] } } },
  ];
}

/**
 * Renders the text input of a field that is placed in a collection ("Options" or "Filters"). Its rows are below all rows of the operation (`renderMoreRows`),
 * because n8n drops empty rows from a collection, and what was just added would vanish.
 */
export function renderTextInCollection(name: string, field: EditorField): INodeProperties[] {
  const text = renderField(name, field);
  return [
    // Workflows saved earlier have their rows here. n8n drops the values of missing parameters.
    { displayName: field.title, name: editorName(name, field), type: 'hidden', default: '' },
    {
      ...text,
      displayName: `${text.displayName} by Expression`,
      description: `The same as ${moreRowsTitle} → ${text.displayName}, for expressions and texts; it counts when both are given. ${text.description ?? ''}`,
    },
  ];
}

/** Renders a notice about rows that an earlier version of the node stored in a collection. */
export const earlierRowsNotice = (name: string, field: EditorField): INodeProperties => ({
  displayName: `${field.title}: rows of an earlier version of this node are kept and count. Rows under ${moreRowsTitle} replace them.`,
  name: `${editorName(name, field)}Notice`,
  type: 'notice',
  default: '',
  displayOptions: { show: { [`/options.${editorName(name, field)}`]: [{ _cnd: { exists: true } }] } },
});

const moreRowsTitle = 'Further Maps and Scripts';

/** Renders one parameter with the rows of all fields that are in a collection. They share it because most migrations need no such rows. */
export function renderMoreRows(fields: readonly (readonly [string, EditorField])[]): INodeProperties {
  return {
    displayName: moreRowsTitle,
    name: moreRowsParameter,
    type: 'fixedCollection',
    placeholder: 'Add map or script',
    default: {},
    typeOptions: { multipleValues: true, sortable: true },
    options: fields
      .map(([name, field]) => rowGroup(name, field.title, field))
      .sort((one, other) => one.displayName.localeCompare(other.displayName)),
  };
}

function editorOf(name: string, field: EditorField): INodeProperties {
  const rows = rowFormOf(field);
  if (rows !== undefined) return renderRows(name, field, rows);
  if (field.kind === 'form') return renderMapper(name, field);
  throw new Error(`The field ${name} can be filled in as text only`);
}

/**
 * Condition for a text that is not empty: JSON, `source=destination` or an expression; `{}` is an empty JSON editor. No
 * pattern: n8n gives one a quarter of a second, and on a busy machine the whole workflow fails with it.
 */
const whenNotEmpty: NonNullable<IDisplayOptions['show']>[string] = [
  { _cnd: { includes: ':' } },
  { _cnd: { includes: '=' } },
];

/** Notice that n8n stores parameters in clear text in the workflow; only credentials are encrypted. */
const clearTextNotice = (name: string): INodeProperties => ({
  displayName:
    'What is typed here stays in the workflow in clear text. Give passwords by an expression, or keep the connection in Barbican and give its secret reference.',
  name: `${name}SecretNotice`,
  type: 'notice',
  default: '',
});

function renderMapper(name: string, field: FormField): INodeProperties {
  return {
    displayName: field.title,
    name: editorName(name, field),
    type: 'resourceMapper',
    noDataExpression: true,
    default: { mappingMode: 'defineBelow', value: null },
    description: fieldHelp(field),
    typeOptions: {
      loadOptionsDependsOn: [
        `${field.within}.value`,
        ...(field.schema === 'minionPool' && field.within === 'endpointId' ? ['platform'] : []),
      ],
      resourceMapper: {
        resourceMapperMethod: mapperMethod(field),
        mode: 'add',
        valuesLabel: field.title,
        fieldWords: { singular: 'option', plural: 'options' },
        // Required options are shown; the others are added one by one, or all from the menu.
        addAllFields: false,
        supportAutoMap: false,
        allowEmptyValues: true,
      },
    },
  };
}

function renderRows(name: string, field: EditorField, { title }: RowForm): INodeProperties {
  return {
    displayName: field.title,
    name: editorName(name, field),
    type: 'fixedCollection',
    placeholder: `Add ${title}`,
    default: {},
    description: fieldHelp(field),
    typeOptions: { multipleValues: true, sortable: true },
    options: [rowGroup('rows', title, field)],
  };
}

/** Makes the rows of a field as one option of a fixed collection. */
function rowGroup(name: string, displayName: string, field: EditorField) {
  const { columns = {} } = rowFormOf(field) ?? {};
  return {
    displayName,
    name,
    values: Object.entries(columns).map(([column, cell]) => renderField(column, cell)),
  };
}
