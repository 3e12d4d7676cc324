import type { Coriolis } from '../api/coriolis';
import type { Field } from '../vocabulary/field';
import type { CursorPart } from './cursor';
import type { WatchEvent } from './event-view';
import type { EventFilter } from './event-filter';
import type { WatchSteps } from './watch-steps';

/** Settings of an event: whole numbers with a default, by name. */
export type SettingFields = Readonly<Record<string, Field<number, boolean>>>;

/** Values of an event's settings. */
export type SettingValues<Limits extends SettingFields> = { readonly [Name in keyof Limits]: number };

export interface PollInput<Limits extends SettingFields> {
  readonly limits: SettingValues<Limits>;
  readonly filter: EventFilter;
  /** Local time, milliseconds since 1970. */
  readonly now: number;
  /** Kinds of events that are watched; several may share one poll. */
  readonly kinds: readonly string[];
}

export interface SampleInput<Found, Limits extends SettingFields> {
  readonly limits: SettingValues<Limits>;
  readonly filter: EventFilter;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Whether the filter accepts the event of this finding. */
  readonly accepts: (found: Found) => boolean;
}

/**
 * Result of one poll. A poll returns undefined instead when the server's list was incomplete; the old state then stays
 * valid.
 */
export interface PollResult<State, Result> {
  readonly state: State;
  readonly result: Result;
  /** Reason why the state was discarded and the poll restarted. */
  readonly restart?: string;
}

/** Complete definition of an event of the trigger. `Found` is the data from which one event is rendered. */
export interface EventDefinition<Kind extends string, Limits extends SettingFields, State, Result, Found> {
  /** Value of the event: in the list of n8n, and in `kinds` of programs. Stored by users, so it never changes. */
  readonly kind: Kind;
  readonly title: string;
  /** One line below the title in the form. */
  readonly description: string;
  /** Requests of one poll, for the documentation. */
  readonly requests: string;
  /** Position in two orders: that of the polls, and that of the findings when events share a poll. */
  readonly order: number;
  /** Whether the event is watched when none are chosen. */
  readonly isDefault?: true;
  readonly limits: Limits;
  /** State between two polls. Events with the same part share one poll. */
  readonly cursor: CursorPart<State>;
  /** Reports each occurrence once. Without a state, the poll records the present and reports nothing. */
  readonly poll: (
    state: State | undefined,
    settings: PollInput<Limits>,
  ) => WatchSteps<PollResult<State, Result> | undefined>;
  /** Findings of this event in the result of the poll. */
  readonly select: (result: Result) => readonly Found[];
  /** Whether the filter accepts the transfer or deployment of a finding. */
  readonly accepts: (found: Found, filter: EventFilter) => boolean;
  /** Recent findings, without a state: examples for "Fetch Test Event". */
  readonly sample: (settings: SampleInput<Found, Limits>) => WatchSteps<readonly Found[]>;
  readonly render: (found: Found) => WatchEvent;
  /** Adds details that need a request of their own, such as the failed task. */
  readonly explain?: (coriolis: Coriolis, event: WatchEvent, found: Found) => Promise<WatchEvent>;
}

/** An event with its own types erased. */
export type AnyEvent<Kind extends string = string, Limits extends SettingFields = SettingFields> = Omit<
  EventDefinition<Kind, Limits, unknown, unknown, unknown>,
  'limits'
> & { readonly limits: Limits };

/** Defines an event of the trigger: one file in `kinds/`, see CONTRIBUTING.md. */
export const defineEvent = <Kind extends string, Limits extends SettingFields, State, Result, Found>(
  definition: EventDefinition<Kind, Limits, State, Result, Found>,
): AnyEvent<Kind, Limits> => definition as unknown as AnyEvent<Kind, Limits>;
