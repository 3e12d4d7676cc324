import type { INodeProperties } from 'n8n-workflow';
import type { AnyField } from '../../src/fields';
import { filterChoices, filterReferences, kinds } from '../../src/watch/fields';
import { renderField } from '../shared/renderField';

/** A choice of which several may be ticked. */
const several = (name: string, field: AnyField): INodeProperties => ({
  ...renderField(name, field),
  type: 'multiOptions',
  default: [],
});

const rendered = (
  fields: Readonly<Record<string, AnyField>>,
  render: (name: string, field: AnyField) => INodeProperties,
): INodeProperties[] => Object.entries(fields).map(([name, field]) => render(name, field));

export const properties: INodeProperties[] = [
  { ...several('events', kinds), default: ['deployment', 'execution'] },
  {
    displayName: 'Filters',
    name: 'filters',
    type: 'collection',
    placeholder: 'Add filter',
    default: {},
    options: [...rendered(filterChoices, several), ...rendered(filterReferences, renderField)].sort(
      (one, other) => one.displayName.localeCompare(other.displayName),
    ),
  },
];
