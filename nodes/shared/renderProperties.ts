import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import { resources } from '../../src/catalogue';
import { worstEffect, type Operation, type Resource } from '../../src/operation';
import { inFormOrder, placeOf } from './layout';
import { renderField } from './renderField';
import { actionOf, helpText } from './wording';

/** How many items are worked on at once, unless the user chooses otherwise. */
export const defaultItemsAtOnce = 10;

/**
 * The form of the Coriolis node: resource, operation, and the parameters of each operation. Names and values are those of
 * the catalogue, because saved workflows depend on them; titles and help may change.
 */
export function renderProperties(catalogue: readonly Operation[]): INodeProperties[] {
  const used = [...new Set(catalogue.map(({ resource }) => resource))];
  return [
    {
      displayName: 'Resource',
      name: 'resource',
      type: 'options',
      noDataExpression: true,
      options: sorted(
        used.map((resource) => ({
          name: resources[resource].title,
          value: resource,
          description: resources[resource].description,
        })),
      ),
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
        'How many input items are worked on at the same time. The results keep the order of the items.',
    },
  ],
};

function renderResource(resource: Resource, operations: readonly Operation[]): INodeProperties[] {
  const choice: INodeProperties = {
    displayName: 'Operation',
    name: 'operation',
    type: 'options',
    noDataExpression: true,
    displayOptions: { show: { resource: [resource] } },
    options: sorted(
      operations.map((operation) => ({
        name: operation.title,
        value: operation.name,
        action: actionOf(operation.summary),
        description: helpText(operation.description),
      })),
    ),
    default: 'getAll',
  };
  const preset = operations.find(({ name }) => name === choice.default) ?? operations[0];
  return [
    { ...choice, default: preset?.name ?? '' },
    ...merged(resource, operations.flatMap(renderOperation)),
  ];
}

interface Shown {
  readonly operation: string;
  readonly property: INodeProperties;
}

function renderOperation(operation: Operation): Shown[] {
  const properties: INodeProperties[] = [];
  const collected: Record<'filters' | 'options', INodeProperties[]> = { filters: [], options: [] };
  if (operation.effect === 'destroy') properties.push(destroyNotice);
  for (const [name, field] of inFormOrder(operation.input)) {
    const place = placeOf(field, operation);
    (place === 'form' ? properties : collected[place]).push(renderField(name, field));
  }
  if (operation.effect !== 'destroy' && worstEffect(operation) === 'destroy')
    properties.push(mayDestroyNotice);
  if (operation.kind === 'list') properties.push(returnAll, limit);
  if (operation.effect === 'read' && operation.whole !== true) properties.push(simplify);
  if (collected.filters.length > 0) properties.push(collection('Filters', 'filters', collected.filters));
  if (collected.options.length > 0) properties.push(collection('Options', 'options', collected.options));
  return properties.map((property) => ({ operation: operation.name, property }));
}

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

const mayDestroyNotice: INodeProperties = {
  displayName:
    'A switch of this operation destroys or stops something that cannot be undone: read its help first',
  name: 'mayDestroyNotice',
  type: 'notice',
  default: '',
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

const simplify: INodeProperties = {
  displayName: 'Simplify',
  name: 'simplify',
  type: 'boolean',
  default: true,
  description: 'Whether to return a simplified version of the response instead of the raw data',
};

/** Operations of one resource that have the same parameter share one property; it stands where it is needed first. */
function merged(resource: Resource, shown: readonly Shown[]): INodeProperties[] {
  const byText = new Map<string, { readonly property: INodeProperties; readonly operations: string[] }>();
  for (const { operation, property } of shown) {
    const text = JSON.stringify(property);
    const known = byText.get(text);
    if (known === undefined) byText.set(text, { property, operations: [operation] });
    else known.operations.push(operation);
  }
  return [...byText.values()]
    .sort((one, other) => rank(one.property) - rank(other.property))
    .map(({ property, operations }) => ({
      ...property,
      displayOptions: {
        show: { resource: [resource], operation: operations, ...property.displayOptions?.show },
      },
    }));
}

/** What all operations have stands below what some need, however they share it. */
function rank({ type, required, name }: INodeProperties): number {
  if (type === 'notice') return 0;
  if (required === true) return 1;
  return 3 + ['returnAll', 'limit', 'simplify', 'filters', 'options'].indexOf(name);
}

const sorted = (options: INodePropertyOptions[]): INodePropertyOptions[] =>
  options.sort((one, other) => one.name.localeCompare(other.name));
