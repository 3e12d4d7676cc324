import type { AnyEventDefinition, EventSettingFields } from './define-event';
import { events as declared } from './kinds/index';

type Declared = (typeof declared)[number];

/** Published value of an event, such as execution_stalled. */
export type EventKind = Declared['kind'];

type SettingNameOf<Event> = Event extends { readonly settings: infer Settings } ? keyof Settings : never;

/** Values of the settings of all events, such as `rpoHours`; a setting that is left out has its default. */
export type EventSettings = { readonly [Name in SettingNameOf<Declared>]?: number | undefined };

/** All events in the order of their polls. */
export const eventsInPollOrder: ReadonlyArray<AnyEventDefinition<EventKind>> = (
  declared as ReadonlyArray<AnyEventDefinition<EventKind>>
).toSorted((a, b) => a.pollOrder - b.pollOrder);

/** Events that a watch reports when none are chosen. */
export const defaultEventKinds: readonly EventKind[] = eventsInPollOrder
  .filter(({ isDefault }) => isDefault === true)
  .map(({ kind }) => kind);

/** The values of an event's settings; the default for those that are left out. */
export const withDefaultSettings = (
  fields: EventSettingFields,
  given: EventSettings,
): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [
      name,
      (given as Readonly<Record<string, number | undefined>>)[name] ?? defaultOf(field),
    ]),
  );

const defaultOf = (field: EventSettingFields[string]): number =>
  'default' in field && typeof field.default === 'number' ? field.default : 0;
