import type { INodeProperties } from 'n8n-workflow';
import { resources } from '../../src/catalogue';
import type { AnyField, FlagField } from '../../src/vocabulary/field';
import { waitFields } from '../../src/fields/common-fields';
import {
  hasFormHint,
  timeoutInputOf,
  type Operation,
  type OperationWithHint,
  type Resource,
} from '../../src/operation';
import {
  itemInputsParameterName,
  formHintMethodNameOf,
  hasEditor,
  sortInFormOrder,
  findInputsThatListsDependOn,
  hasRowsInMoreRowsParameter,
  moreRowsParameterName,
  formPlaceOf,
  type EditorField,
  type FieldPlace,
} from './form-layout';
import {
  renderEarlierRowsNotice,
  renderMoreRows,
  renderTextInCollection,
  renderTopLevelEditor,
} from './form-or-json';
import { renderField } from './render-field';
import { actionTextOf, helpTextOfOperation, formatHelpText } from './ui-texts';

/** Default number of items processed at once. */
export const defaultItemsAtOnce = 10;

/**
 * Makes the form of the Coriolis node: resource, operation, and the parameters of each operation. Names and values are
 * those of the catalogue, because saved workflows depend on them; titles and help may change.
 */
export function renderProperties(catalogue: readonly Operation[]): INodeProperties[] {
  const used = [...new Set(catalogue.map(({ resource }) => resource))].sort(
    (one, other) => rankOfResource(one) - rankOfResource(other),
  );
  return [
    {
      displayName: 'Resource',
      name: 'resource',
      type: 'options',
      noDataExpression: true,
      options: used.map((resource) => ({
        name: resources[resource].title,
        value: resource,
        description: resources[resource].description,
      })),
      default: 'transfer',
    },
    ...used.flatMap((resource) =>
      renderResource(
        resource,
        catalogue.filter((operation) => operation.resource === resource),
      ),
    ),
    requestOptions,
  ];
}

/** Resources that come first in the list, in this order: moves, then the objects they need. */
const firstResources: readonly Resource[] = [
  'transfer',
  'execution',
  'deployment',
  'migration',
  'wave',
  'drill',
  'endpoint',
  'instance',
  'schedule',
  'estate',
  'report',
];

/** Place of a resource in the list. Those that `jobOrder` lacks follow in the order of the catalogue. */
const rankOfResource = (resource: Resource): number => {
  const rank = firstResources.indexOf(resource);
  return rank === -1 ? firstResources.length : rank;
};

const requestOptions: INodeProperties = {
  displayName: 'Request Options',
  name: 'requestOptions',
  type: 'collection',
  placeholder: 'Add option',
  default: {},
  options: [
    {
      displayName: 'Items at Once',
      name: 'itemsAtOnce',
      type: 'number',
      default: defaultItemsAtOnce,
      typeOptions: { minValue: 1, maxValue: 50, numberPrecision: 0 },
      description:
        'Maximum number of input items that are processed at the same time. The results keep the order of the items.',
    },
  ],
};

/** Address of the operations page, which has a heading for each resource. */
const operationsPage =
  'https://github.com/n8n-nodes-coriolis/n8n-nodes-coriolis/blob/main/docs/operations.md';

/** Anchor that GitHub gives a heading: "Transfer (Replica)" → "transfer-replica". */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^a-z ]/gu, '')
    .replaceAll(' ', '-');

function renderResource(resource: Resource, operations: readonly Operation[]): INodeProperties[] {
  const choice: INodeProperties = {
    displayName: 'Operation',
    name: 'operation',
    type: 'options',
    noDataExpression: true,
    displayOptions: { show: { resource: [resource] } },
    options: operations.map((operation) => ({
      name: operation.title,
      value: operation.name,
      action: actionTextOf(operation),
      description: helpTextOfOperation(operation),
    })),
    default: 'getAll',
    hint: `<a href="${operationsPage}#${anchorOf(resources[resource].title)}" target="_blank">What the operations do</a>`,
  };
  const preset = operations.find(({ name }) => name === choice.default) ?? operations[0];
  return [
    { ...choice, default: preset?.name ?? '' },
    ...mergeEqualBlocks(resource, operations.flatMap(renderOperation)),
  ];
}

/** Parameters that stay together in the form: those of one field. Most fields have a single parameter. */
type Block = readonly INodeProperties[];

/** A block of parameters, and the operation that has it. */
interface OperationBlock {
  readonly operation: string;
  readonly block: Block;
}

function renderOperation(operation: Operation): OperationBlock[] {
  const blocks: Block[] = [];
  const collected: Record<'filters' | 'options', INodeProperties[]> = { filters: [], options: [] };
  const hints: Block[] = [];
  const inMoreRows: (readonly [string, EditorField])[] = [];
  if (operation.form?.caution !== undefined) blocks.push([cautionNotice(operation.form.caution)]);
  if (operation.effect === 'destroy') blocks.push([destroyNotice]);
  for (const [name, field] of sortInFormOrder(operation.input)) {
    const place = formPlaceOf(field, operation);
    const cautions = field.kind === 'flag' ? flagCaution(name, field, place) : [];
    if (place === 'form') blocks.push([...renderInForm(name, field), ...cautions]);
    else {
      if (hasRowsInMoreRowsParameter(field, place)) inMoreRows.push([name, field]);
      collected[place].push(...renderInCollection(name, field, place));
      hints.push(...cautions.map((caution) => [caution]));
    }
  }
  if (inMoreRows.length > 0) blocks.push([renderMoreRows(inMoreRows)]);
  hints.push(...inMoreRows.map(([name, field]) => [renderEarlierRowsNotice(name, field)]));
  if (operation.kind === 'single' && operation.completion !== undefined) blocks.push(waitForCompletionBlock);
  if (operation.kind === 'single' && operation.deduplication?.durable === true)
    collected.options.push(returnExisting(operation.deduplication.notCompared));
  if (operation.kind === 'single' && operation.result?.obstacle !== undefined) blocks.push([failWhenBlocked]);
  if (timeoutInputOf(operation) !== undefined) blocks.push([waitNotice]);
  if (hasFormHint(operation)) blocks.push([formHintNotice(operation)]);
  const forLists = findInputsThatListsDependOn(operation.input);
  if (forLists.length > 0) blocks.push([everyItemOf(forLists)]);
  if (operation.kind === 'list') blocks.push([returnAll], [limit]);
  if (operation.result?.whole !== true) blocks.push([simplify]);
  if (collected.filters.length > 0) blocks.push([collection('Filters', 'filters', collected.filters)]);
  if (collected.options.length > 0) blocks.push([collection('Options', 'options', collected.options)]);
  return [...blocks, ...hints].map((block) => ({ operation: operation.name, block }));
}

const renderInForm = (name: string, field: AnyField): INodeProperties[] =>
  hasEditor(field, 'form') ? renderTopLevelEditor(name, field) : [renderField(name, field)];

const renderInCollection = (name: string, field: AnyField, place: FieldPlace): INodeProperties[] =>
  hasRowsInMoreRowsParameter(field, place) ? renderTextInCollection(name, field) : [renderField(name, field)];

const collection = (displayName: string, name: string, options: INodeProperties[]): INodeProperties => ({
  displayName,
  name,
  type: 'collection',
  placeholder: `Add ${displayName.toLowerCase().replace(/s$/u, '')}`,
  default: {},
  options: [...options].sort((one, other) => one.displayName.localeCompare(other.displayName)),
});

const destroyNotice: INodeProperties = {
  displayName: 'This operation destroys something and cannot be undone',
  name: 'destroyNotice',
  type: 'notice',
  default: '',
};

const cautionNotice = (caution: string): INodeProperties => ({
  displayName: formatHelpText(caution),
  name: 'cautionNotice',
  type: 'notice',
  default: '',
});

/** Says where the progress of a wait is to be seen, because n8n shows none (docs/reference/n8n-host.md §1). */
const waitNotice: INodeProperties = {
  displayName:
    'While this node waits, n8n shows only that it runs. The progress is in the web interface of Coriolis, and in a manual run also in the console of your browser (F12).',
  name: 'waitNotice',
  type: 'notice',
  default: '',
};

/**
 * Renders the caution of a flag as a notice, shown while the flag is on; for a flag in a collection it is below the
 * collection. The slash means "from the root": n8n 1.123 takes a path without it for the name of a parameter.
 */
const flagCaution = (name: string, { caution }: FlagField, place: FieldPlace): INodeProperties[] =>
  caution === undefined
    ? []
    : [
        {
          displayName: formatHelpText(caution),
          name: `${name}Notice`,
          type: 'notice',
          default: '',
          displayOptions: { show: { [place === 'form' ? name : `/${place}.${name}`]: [true] } },
        },
      ];

/** Renders a form hint as a resource mapper without fields: n8n reloads the notice of a mapper, but no other texts. */
const formHintNotice = (operation: OperationWithHint): INodeProperties => ({
  displayName: 'What Follows',
  name: 'foresight',
  type: 'resourceMapper',
  noDataExpression: true,
  default: { mappingMode: 'defineBelow', value: null },
  typeOptions: {
    loadOptionsDependsOn: operation.form.hint.inputs.map((name) => {
      const field = operation.input[name];
      const place = field === undefined ? 'form' : formPlaceOf(field, operation);
      return place === 'form' ? name : `${place}.${name}`;
    }),
    resourceMapper: {
      resourceMapperMethod: formHintMethodNameOf(operation),
      mode: 'map',
      supportAutoMap: false,
      hideNoDataError: true,
    },
  },
});

/**
 * Parameters of _Wait for Completion_. It is off at first and has a timeout, because a waiting node occupies a worker.
 */
const waitForCompletionBlock: Block = [
  {
    displayName: 'Wait for Completion',
    name: 'waitForCompletion',
    type: 'boolean',
    default: false,
    description:
      'Whether to continue only when the work has completed, and to fail when it does not complete. The wait occupies a worker of n8n; for hours and days, continue from the Coriolis Trigger instead.',
  },
  ...Object.entries(waitFields).map(([name, field]): INodeProperties => ({
    ...renderField(name, field),
    displayOptions: { show: { waitForCompletion: [true] } },
  })),
  { ...waitNotice, displayOptions: { show: { waitForCompletion: [true] } } },
];

/** Maximum number of items whose inputs decide what the drop-down lists in rows offer. */
const maxItems = 50;

/** Renders the hidden parameter with the inputs of every item. `}}` must not be inside it: it ends the expression. */
const everyItemOf = (inputs: readonly string[]): INodeProperties => ({
  displayName: 'Inputs of Every Item',
  name: itemInputsParameterName,
  type: 'hidden',
  default: `={{ $input.all().slice(0, ${maxItems}).map((item, index) => Object.fromEntries(${JSON.stringify(inputs)}.map((name) => [name, String($rawParameter[name]).startsWith("=") ? $evaluateExpression($rawParameter[name].slice(1), index) : $rawParameter[name]]))) }}`,
});

const failWhenBlocked: INodeProperties = {
  displayName: 'Fail When Blocked',
  name: 'failWhenBlocked',
  type: 'boolean',
  default: false,
  description:
    'Whether to fail, with the blocking checks as the message, instead of returning them as a result',
};

const returnAll: INodeProperties = {
  displayName: 'Return All',
  name: 'returnAll',
  type: 'boolean',
  default: false,
  description: 'Whether to return all results or only up to a given limit',
};

const limit: INodeProperties = {
  displayName: 'Limit',
  name: 'limit',
  type: 'number',
  typeOptions: { minValue: 1 },
  default: 50,
  description: 'Max number of results to return',
  displayOptions: { show: { returnAll: [false] } },
};

/** Renders the parameter _Return Existing_, with which a repeated workflow creates nothing twice. */
const returnExisting = (notCompared: string | undefined): INodeProperties => ({
  displayName: 'Return Existing',
  name: 'returnExisting',
  type: 'boolean',
  default: false,
  description: [
    'Whether to return an unchanged object that was created with the same values before, instead of creating another. The output then has already_exists.',
    ...(notCompared === undefined ? [] : [`Coriolis does not show ${notCompared}, so that is not compared.`]),
  ].join(' '),
});

const simplify: INodeProperties = {
  displayName: 'Simplify',
  name: 'simplify',
  type: 'boolean',
  default: true,
  description: 'Whether to return a simplified version of the response instead of the raw data',
};

/** Merges equal blocks of a resource's operations into one, shown for all of them, where the first of them stands. */
function mergeEqualBlocks(resource: Resource, shown: readonly OperationBlock[]): INodeProperties[] {
  const byText = new Map<string, { readonly block: Block; readonly operations: string[] }>();
  for (const { operation, block } of shown) {
    const text = JSON.stringify(block);
    const known = byText.get(text);
    if (known === undefined) byText.set(text, { block, operations: [operation] });
    else known.operations.push(operation);
  }
  return [...byText.values()]
    .sort((one, other) => rank(one.block) - rank(other.block))
    .flatMap(({ block, operations }) =>
      block.map((property) => ({
        ...property,
        displayOptions: {
          ...property.displayOptions,
          show: { resource: [resource], operation: operations, ...property.displayOptions?.show },
        },
      })),
    );
}

/** Rank of a block in the form: cautions, required fields, other fields, limits and collections, then notices. */
function rank([first]: Block): number {
  const { name = '', required, type } = first ?? {};
  if ([destroyNotice.name, 'cautionNotice'].includes(name)) return 0;
  if (required === true) return 1;
  if (type === 'notice') return 9;
  return 3 + [moreRowsParameterName, 'returnAll', 'limit', 'simplify', 'filters', 'options'].indexOf(name);
}
