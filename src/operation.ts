import type { FeatureName } from './api/feature-table';
import type { Coriolis } from './api/coriolis';
import type { AnyField, Fields, InputOf } from './vocabulary/field';
import type { JsonObject } from './model/json';
import type { WaitTarget } from './waiting/wait-target';
import type { FormHint } from './vocabulary/form-hint';
import type { NextCall } from './vocabulary/next-call';
import type { Preview } from './vocabulary/preview';
import type { Window } from './vocabulary/window';
import type { OutputOf, Shape, View } from './vocabulary/shape';

/** Resources of the catalogue, in the order in which a migration uses them. */
export type Resource =
  | 'provider'
  | 'endpoint'
  | 'instance'
  | 'transfer'
  | 'execution'
  | 'schedule'
  | 'deployment'
  | 'migration'
  | 'minionPool'
  | 'region'
  | 'service'
  | 'log'
  | 'diagnostics'
  | 'licence'
  | 'estate';

/**
 * What an operation does to the world. Annotations, read-only mode, confirmations and hints derive from it.
 * - `read` changes nothing;
 * - `write` creates or changes, and can be undone or repeated;
 * - `destroy` loses something: a record, disks, a run that must start again, a source machine's uptime.
 */
export type Effect = 'read' | 'write' | 'destroy';

/** How a call is made through an operation that does the same and more. */
export interface Supersession {
  /** `resource.name`. */
  readonly operation: string;
  /** The input there that asks for the same. */
  input(given: JsonObject): JsonObject;
}

interface OperationTexts<R extends Resource, Name extends string> {
  /** Name of the resource in the catalogue. */
  readonly resource: R;
  /** Published value: in camel case, never renamed without an alias. With the resource it names the operation. */
  readonly name: Name;
  /** Label in a form: "Get Many". */
  readonly title: string;
  /** What it does, a sentence without a full stop that begins with a verb and reads well in a search: "Cancel a running execution". */
  readonly summary: string;
  /** What else a person or a model must know to choose it and use its result: a few short sentences. */
  readonly description: string;
  readonly effect: Effect;
  /**
   * Whether repeating it with the same input has no further effect; a face may then say so.
   * Reads always are.
   */
  readonly idempotent?: boolean;
  /** Rows of the parity table (cli-parity.md) that it serves. */
  readonly serves: readonly string[];
  /** Name of its tool for AI assistants: snake case, verb first, at most 32 characters. */
  readonly tool: string;
  /** Resource of which the result is one, when not its own: an update of a transfer returns the execution it started. */
  readonly returns?: Resource;
  /** Whether its result shows all that the server sends, so that there is no more to ask for. */
  readonly whole?: true;
  /** The operation that does this and more; a face that shows few offers only that one. */
  readonly supersededBy?: Supersession;
  /** Where its result stands, in faces with addresses: a path with names of inputs in braces, "transfers/{transferId}". */
  readonly address?: string;
  /** What the server must have for it; older ones are refused in words. */
  readonly since?: FeatureName;
  /** Where people go wrong with it: a sentence that forms show beside it. */
  readonly caution?: string;
  /** Name of the input that bounds it in seconds, when it waits for work; a face with less patience lowers the value. */
  readonly boundedBy?: string;
}

/** An operation whose result is one object. */
export interface SingleOperation<
  F extends Fields = Fields,
  Raw = unknown,
  S extends Shape = Shape,
  R extends Resource = Resource,
  Name extends string = string,
> extends OperationTexts<R, Name> {
  readonly kind: 'single';
  readonly input: F;
  readonly output: View<Raw, S>;
  run(coriolis: Coriolis, input: InputOf<F>): Promise<Raw>;
  /** Required when `effect` is `destroy`, or when a field can make it so. Reads only. */
  preview?(coriolis: Coriolis, input: InputOf<F>): Promise<Preview>;
  /**
   * What already does what was asked, when the server refused with a conflict; undefined when something else is in the
   * way. Lets a caller who repeats himself get the work that goes on instead of an error. Reads only.
   */
  findInFlight?(coriolis: Coriolis, input: InputOf<F>): Promise<Raw | undefined>;
  /**
   * What an equal call made a short while ago, for callers who may repeat themselves because an answer was lost; undefined
   * when nothing like it is there. Reads only.
   *
   * @param lately tells of a `created_at` whether it is that young
   */
  findDuplicate?(
    coriolis: Coriolis,
    input: InputOf<F>,
    lately: (createdAt: string) => boolean,
  ): Promise<Raw | undefined>;
  /** What it makes stays until somebody deletes it, so that what an equal call made is as good, however old (`findDuplicate`). */
  readonly durable?: true;
  /** What of a call the server never shows again, by its title: two calls may differ in it and count as equal. */
  readonly notCompared?: string;
  /** What follows from what is filled in so far, for forms; asks nobody. */
  readonly formHint?: FormHint;
  /** The work that its result is the beginning of, for callers who want the end in the same call; undefined when there is none. */
  starts?(raw: Raw, input: InputOf<F>): WaitTarget | undefined;
  /** Its result once that work has completed, where more than what the wait tells has changed in it by then. */
  reloadResult?(coriolis: Coriolis, raw: Raw): Promise<Raw>;
  /**
   * For an operation that does nothing but wait: the input with which the same wait goes on from here, all but how
   * long, and with everything that could come to mean something else by then pinned down; undefined when it is over.
   * Lets a face carry a wait on from what the caller holds, with no memory of its own.
   */
  resumeInput?(result: OutputOf<S>, input: InputOf<F>): JsonObject | undefined;
  /** Calls that follow from its result, the most useful first; undefined where the resource alone tells. */
  next?(result: OutputOf<S>): readonly NextCall[] | undefined;
  /** What the result comes to, in a few words of our own and numbers, where no status or outcome tells. */
  headline?(result: OutputOf<S>): string;
}

/** An operation whose result is any number of rows, produced lazily so that memory stays flat. */
export interface ListOperation<
  F extends Fields = Fields,
  Raw = unknown,
  S extends Shape = Shape,
  R extends Resource = Resource,
  Name extends string = string,
> extends OperationTexts<R, Name> {
  readonly kind: 'list';
  readonly input: F;
  readonly output: View<Raw, S>;
  run(coriolis: Coriolis, input: InputOf<F>, window: Window): AsyncIterable<Raw>;
  /** The `after` of a window that begins behind this row. */
  position(row: Raw): string;
}

export type Operation = SingleOperation | ListOperation;

/** Declares an operation with one result; types of input and output follow from its fields and its view. */
export function defineOperation<
  F extends Fields,
  Raw,
  S extends Shape,
  R extends Resource,
  Name extends string,
>(operation: Omit<SingleOperation<F, Raw, S, R, Name>, 'kind'>): SingleOperation<F, Raw, S, R, Name> {
  return { ...operation, kind: 'single' };
}

/** Declares an operation with rows as its result. */
export function defineList<F extends Fields, Raw, S extends Shape, R extends Resource, Name extends string>(
  operation: Omit<ListOperation<F, Raw, S, R, Name>, 'kind'>,
): ListOperation<F, Raw, S, R, Name> {
  return { ...operation, kind: 'list' };
}

const severity: readonly Effect[] = ['read', 'write', 'destroy'];

const worse = (one: Effect, other: Effect): Effect =>
  severity.indexOf(one) >= severity.indexOf(other) ? one : other;

/** The effect that giving a field adds: cancelling by force, shutting down source machines, taking next steps. */
export const effectOfField = (field: AnyField): Effect =>
  ('effect' in field ? field.effect : undefined) ?? 'read';

/** Whether a value says more than leaving it out would. */
const isGiven = (value: unknown): boolean => value === true || (Array.isArray(value) && value.length > 0);

/** The worst an operation can do, whatever its input. */
export const worstEffect = (operation: Operation): Effect =>
  Object.values(operation.input).map(effectOfField).reduce(worse, operation.effect);

/** What an operation does with this input. */
export const effectOf = (operation: Operation, input: Readonly<Record<string, unknown>>): Effect =>
  Object.entries(operation.input)
    .filter(([name]) => isGiven(input[name]))
    .map(([, field]) => effectOfField(field))
    .reduce(worse, operation.effect);

/** Whether an operation can tell what follows from its input. */
export const foresees = (
  operation: Operation,
): operation is SingleOperation & { readonly formHint: FormHint } =>
  operation.kind === 'single' && operation.formHint !== undefined;

/** `resource.name`, the published identity of an operation. */
export const operationId = (operation: Operation): string => `${operation.resource}.${operation.name}`;
