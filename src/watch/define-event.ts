import type { Coriolis } from '../api/operation-context';
import type { ObjectWithPage } from '../model/web-page-url';
import type { Field } from '../vocabulary/field';
import type { CursorPart } from './cursor';
import type { EventDraft } from './event-view';
import type { EventFilter } from './event-filter';
import type { WatchSteps } from './watch-steps';

/** Settings of an event: whole numbers with a default, by name. */
export type EventSettingFields = Readonly<Record<string, Field<number, boolean>>>;

/** Values of an event's settings. */
export type EventSettingValues<Limits extends EventSettingFields> = {
  readonly [Name in keyof Limits]: number;
};

/** Input of a poll. */
export interface EventPollInput<Limits extends EventSettingFields> {
  readonly settingValues: EventSettingValues<Limits>;
  readonly filter: EventFilter;
  /** Local time, milliseconds since 1970. */
  readonly localNow: number;
  /** Values of all watched events, because several events may share one poll. */
  readonly kinds: readonly string[];
}

/** Input of a search for sample events. */
export interface EventSampleInput<Found, Limits extends EventSettingFields> {
  readonly settingValues: EventSettingValues<Limits>;
  readonly filter: EventFilter;
  /** Local time, milliseconds since 1970. */
  readonly localNow: number;
  /** Whether the filter accepts the event of this finding. */
  readonly accepts: (found: Found) => boolean;
}

/**
 * Result of one poll. When the server's list was incomplete, a poll returns undefined instead, and the next poll starts
 * from the old state.
 */
export interface EventPollResult<State, Result> {
  readonly state: State;
  readonly result: Result;
  /** Reason why the old state was discarded and the event is watched from now on; undefined when it was not. */
  readonly restart?: string;
}

/**
 * Complete definition of an event of the trigger. `Found` is a finding: the data from which one event is rendered.
 * `Result` is the result of a poll, which contains the findings of all events that share the poll.
 */
export interface EventDefinition<
  Kind extends string,
  Limits extends EventSettingFields,
  State,
  Result,
  Found,
> {
  /**
   * Published value of the event, in n8n's list and in the option `kinds` of programs. Users store it: never change.
   */
  readonly kind: Kind;
  readonly title: string;
  /** One line below the title in the form. */
  readonly description: string;
  /** Number of requests of one poll in words, for the documentation. */
  readonly requestsPerPoll: string;
  /** Position among the events. It orders their polls, and their findings where events share a poll. */
  readonly pollOrder: number;
  /** Whether the event is watched when none are chosen. */
  readonly isDefault?: true;
  /** Settings of the event. */
  readonly settings: Limits;
  /** Part of the cursor with the state between two polls. Events with the same part share one poll. */
  readonly cursorPart: CursorPart<State>;
  /** Finds each occurrence once. Without a state, the poll only records the present and finds nothing. */
  readonly poll: (
    state: State | undefined,
    input: EventPollInput<Limits>,
  ) => WatchSteps<EventPollResult<State, Result> | undefined>;
  /** Picks the findings of this event from the result of the poll. */
  readonly select: (result: Result) => readonly Found[];
  /** Whether the filter accepts the transfer, the deployment or another object of a finding. */
  readonly accepts: (found: Found, filter: EventFilter) => boolean;
  /** Finds recent occurrences without a state, as examples for n8n's "Fetch Test Event". */
  readonly sample: (input: EventSampleInput<Found, Limits>) => WatchSteps<readonly Found[]>;
  readonly render: (found: Found) => EventDraft;
  /** Page of the web interface that the event links to. An execution or a schedule has the id of its transfer. */
  readonly page: (found: Found) => readonly [object: ObjectWithPage, id: string];
  /** Adds details that need a request of their own, such as the failed task. */
  readonly explain?: (coriolis: Coriolis, event: EventDraft, found: Found) => Promise<EventDraft>;
}

/** Definition of any event, without the types of its state, poll result and findings. */
export type AnyEventDefinition<
  Kind extends string = string,
  Limits extends EventSettingFields = EventSettingFields,
> = Omit<EventDefinition<Kind, Limits, unknown, unknown, unknown>, 'settings'> & {
  readonly settings: Limits;
};

/** Defines an event of the trigger. Each event has its own file in `kinds/` (CONTRIBUTING.md). */
export const defineEvent = <Kind extends string, Limits extends EventSettingFields, State, Result, Found>(
  definition: EventDefinition<Kind, Limits, State, Result, Found>,
): AnyEventDefinition<Kind, Limits> => definition as unknown as AnyEventDefinition<Kind, Limits>;
