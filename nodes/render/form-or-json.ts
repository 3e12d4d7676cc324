import type { IDisplayOptions, INodeProperties } from 'n8n-workflow';
import type { FormField, RowForm } from '../../src/vocabulary/field';
import { omitKeys } from '../../src/model/json';
import { rowFormOf } from '../../src/vocabulary/row-forms';
import {
  editorParameterNameOf,
  mapperMethodNameOf,
  moreRowsParameterName,
  specifyParameterNameOf,
  type EditorField,
} from './form-layout';
import { renderField } from './render-field';
import { helpTextOf, removeBracketsFromTitle } from './ui-texts';

/**
 * Fields with two inputs: an editor (a form or rows), and JSON or text. The editor of an environment is a form made
 * from the provider's schema; the editor of a map has rows with a list for the source and one for the destination. The
 * parameter with the field's own name takes JSON or text and overrides the editor, so a workflow written by a program
 * needs only this one.
 */

/**
 * Renders a field outside a collection: the choice between form and JSON, both inputs, and a notice when a text
 * overrides the form.
 */
export function renderTopLevelEditor(name: string, field: EditorField): INodeProperties[] {
  const specify = specifyParameterNameOf(name);
  // No single parameter is required, because either is enough. `readInput` reports when both are empty.
  const text = omitKeys(renderField(name, field), 'required');
  const title = removeBracketsFromTitle(field.title);
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
          description: 'For expressions, and for what the other way cannot express',
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
    // The hidden twin keeps the text while the editor is shown: n8n drops the values of parameters that are not shown.
    { ...text, type: 'hidden', displayOptions: { show: { [specify]: [value] } } },
  ];
}

/**
 * Renders the text input of a field that is in a collection ("Options" or "Filters"). The rows of the field are not in
 * the collection but in the parameter of `renderMoreRows`: n8n drops empty rows from a collection, so a row that was
 * just added would vanish.
 */
export function renderTextInCollection(name: string, field: EditorField): INodeProperties[] {
  const text = renderField(name, field);
  return [
    // Workflows of an earlier version of this node have the rows here. Without this parameter n8n would drop them.
    { displayName: field.title, name: editorParameterNameOf(name, field), type: 'hidden', default: '' },
    {
      ...text,
      displayName: `${text.displayName} by Expression`,
      description: `The same as ${moreRowsTitle} → ${text.displayName}, for expressions and texts; it counts when both are given. ${text.description ?? ''}`,
    },
  ];
}

/** Renders a notice about rows that an earlier version of the node stored in a collection. */
export const renderEarlierRowsNotice = (name: string, field: EditorField): INodeProperties => ({
  displayName: `${field.title}: rows of an earlier version of this node are kept and count. Rows under ${moreRowsTitle} replace them.`,
  name: `${editorParameterNameOf(name, field)}Notice`,
  type: 'notice',
  default: '',
  displayOptions: {
    show: { [`/options.${editorParameterNameOf(name, field)}`]: [{ _cnd: { exists: true } }] },
  },
});

const moreRowsTitle = 'Further Maps and Scripts';

/**
 * Renders the parameter with the rows of all fields that are in a collection. The fields share one parameter, because
 * most migrations need no such rows.
 */
export function renderMoreRows(fields: readonly (readonly [string, EditorField])[]): INodeProperties {
  return {
    displayName: moreRowsTitle,
    name: moreRowsParameterName,
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
 * Condition for a text that is not empty: JSON and expressions have `:` or `=`, as `source=destination` has. An empty
 * JSON editor has `{}`, so it counts as empty. The condition is no regular expression, because n8n gives a regular
 * expression a quarter of a second: on a busy machine the whole workflow would fail.
 */
const whenNotEmpty: NonNullable<IDisplayOptions['show']>[string] = [
  { _cnd: { includes: ':' } },
  { _cnd: { includes: '=' } },
];

/** Notice that n8n stores parameters in clear text in the workflow; only credentials are encrypted. */
const clearTextNotice = (name: string): INodeProperties => ({
  displayName:
    'Values typed here are stored in the workflow in clear text. Give passwords by an expression, or keep the connection in Barbican and give its secret reference.',
  name: `${name}SecretNotice`,
  type: 'notice',
  default: '',
});

function renderMapper(name: string, field: FormField): INodeProperties {
  return {
    displayName: field.title,
    name: editorParameterNameOf(name, field),
    type: 'resourceMapper',
    noDataExpression: true,
    default: { mappingMode: 'defineBelow', value: null },
    description: helpTextOf(field),
    typeOptions: {
      loadOptionsDependsOn: [
        `${field.within}.value`,
        ...(field.schema === 'minionPool' && field.within === 'endpointId' ? ['platform'] : []),
      ],
      resourceMapper: {
        resourceMapperMethod: mapperMethodNameOf(field),
        mode: 'add',
        valuesLabel: field.title,
        fieldWords: { singular: 'option', plural: 'options' },
        // At first only required options are shown. People add the others one by one, or all of them from the menu.
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
    name: editorParameterNameOf(name, field),
    type: 'fixedCollection',
    placeholder: `Add ${title}`,
    default: {},
    description: helpTextOf(field),
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
