import type { INodeProperties } from 'n8n-workflow';
import type { AnyField } from '../../src/vocabulary/field';
import { defaultEventKinds } from '../../src/watch/event-kinds';
import {
  filterChoices,
  filterFields,
  eventsField,
  eventSettingFields,
  eventContentFields,
} from '../../src/watch/trigger-fields';
import { renderField } from '../render/render-field';

/** Renders a choice field as a multi-select. */
const renderMultiSelect = (name: string, field: AnyField): INodeProperties => ({
  ...renderField(name, field),
  type: 'multiOptions',
  default: [],
});

const renderAll = (
  fields: Readonly<Record<string, AnyField>>,
  render: (name: string, field: AnyField) => INodeProperties,
): INodeProperties[] => Object.entries(fields).map(([name, field]) => render(name, field));

const byName = (one: INodeProperties, other: INodeProperties): number =>
  one.displayName.localeCompare(other.displayName);

/** Parameters of the Coriolis Trigger: events, the limits of these events, filters and options. */
export const triggerProperties: INodeProperties[] = [
  { ...renderMultiSelect('events', eventsField), default: [...defaultEventKinds].toSorted() },
  ...Object.entries(eventSettingFields).map(([name, { kinds: events, field }]) => ({
    ...renderField(name, field),
    displayOptions: { show: { events: [...events] } },
  })),
  {
    displayName: 'Filters',
    name: 'filters',
    type: 'collection',
    placeholder: 'Add filter',
    default: {},
    options: [...renderAll(filterChoices, renderMultiSelect), ...renderAll(filterFields, renderField)].sort(
      byName,
    ),
  },
  {
    displayName: 'Options',
    name: 'options',
    type: 'collection',
    placeholder: 'Add option',
    default: {},
    options: renderAll(eventContentFields, renderField),
  },
];
