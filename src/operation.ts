import type { FeatureName } from './api/feature-table';
import type { Coriolis } from './api/operation-context';
import type { AnyField, Fields, InputOf } from './vocabulary/field';
import type { JsonObject } from './model/json';
import type { WaitTarget } from './waiting/wait-target';
import type { FormHint } from './vocabulary/form-hint';
import type { NextCall } from './vocabulary/next-call';
import type { Preview } from './vocabulary/preview';
import type { ListPause, ListRange } from './vocabulary/list-range';
import type { OutputOf, Shape, View } from './vocabulary/result-keys';

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
  | 'wave'
  | 'drill'
  | 'minionPool'
  | 'region'
  | 'service'
  | 'log'
  | 'diagnostics'
  | 'licence'
  | 'estate'
  | 'report';

/**
 * Effect of an operation. Tool annotations, read-only mode, confirmations and form hints derive from it.
 * - `read` changes nothing;
 * - `write` creates or changes, and can be undone or repeated;
 * - `destroy` loses something: a record, disks, the progress of an execution, a source machine's uptime.
 */
export type Effect = 'read' | 'write' | 'destroy';

/** Reference to an operation that covers this one and does more. */
export interface Supersession {
  /** The other operation, as `resource.name`. */
  readonly operation: string;
  /** Converts the input to that of the other operation. */
  convertInput(given: JsonObject): JsonObject;
}

/** Texts and inputs of an operation that only forms have. */
export interface OperationForm {
  /** Label in menus of actions, "Deploy a transfer"; undefined where it follows from title and resource. */
  readonly action?: string;
  /** Warning about a common mistake. */
  readonly caution?: string;
  /** Sentence about the values entered so far, shown below the form; computed without a request. */
  readonly hint?: FormHint;
  /**
   * Table of the operation: `input` takes its rows, `output` is the result key with its rows. n8n passes its items as
   * the rows when none of the inputs `instead` has a value. It outputs one item for each row and one for the rest.
   */
  readonly table?: { readonly instead: readonly string[]; readonly input: string; readonly output: string };
}

/** Traits of a result beyond its keys. */
export interface ResultTraits {
  /** Resource of the result, when it is not that of the operation: an update of a transfer returns an execution. */
  readonly resource?: Resource;
  /**
   * Whether the result already contains everything that the server sends, so that `detail: 'full'` adds nothing. Nested
   * and rendered keys are then checked one by one (test/operations/result-keys.test.ts).
   */
  readonly whole?: true;
  /** Result keys with rows that other keys sum up. MCP omits them when the whole result is too long. */
  readonly summarizedKeys?: readonly string[];
}

/** Traits of a result that is one object, beyond its keys. */
export interface SingleResultTraits<Output, Input> extends ResultTraits {
  /**
   * Resource URI of the result in MCP, as a path with input names in braces: "transfers/{transferId}". Only reads have
   * one. The resource template in MCP and the completion of the id derive from it.
   */
  readonly resourceUri?: string;
  /** Summary of the result in a few words, for results without status and outcome. */
  headline?(result: Output): string;
  /** Suggested next calls for a result, the most useful first; undefined for the defaults of the resource. */
  next?(result: Output, input: Input): readonly NextCall[] | undefined;
  /**
   * Returns the reasons against continuing, in sentences; undefined when there is none. Forms offer to fail with these
   * reasons, as _Fail When Blocked_.
   */
  obstacle?(result: Output): string | undefined;
}

/** Inputs of an operation whose call waits: its timeout, and the arguments that resume the wait. */
export interface OperationWait<Output, Input> {
  /** Name of the timeout input (seconds). MCP lowers its value to the limit of a tool call. */
  readonly timeoutInput: string;
  /**
   * Returns the arguments that resume the wait: the awaited objects as ids, without the timeout; undefined when the
   * wait has finished. MCP polls with these arguments and so stores no state.
   */
  resumeArguments?(result: Output, input: Input): JsonObject | undefined;
}

/** Other operations that do the same, or that take the same inputs. */
export interface RelatedOperations {
  /** Operation that does all of this one and more; MCP offers only the other one. */
  readonly supersededBy?: Supersession;
  /**
   * Operation whose inputs this one also takes, as "resource.name". MCP refers to it instead of describing the inputs
   * again, to save tokens.
   */
  readonly sameInputsAs?: string;
}

interface AnyOperation<R extends Resource, Name extends string> {
  /** Name of the resource in the catalogue. */
  readonly resource: R;
  /** Published name in camel case, unique within the resource. It is never renamed without an alias. */
  readonly name: Name;
  /** Name of the operation's MCP tool: snake case, verb first, at most 32 characters. */
  readonly tool: string;
  /** Label in a form: "Get Many". */
  readonly title: string;
  /** Summary for menus and searches, beginning with a verb and without a full stop: "Cancel a running execution". */
  readonly summary: string;
  /** Further description for people and models: a few short sentences. */
  readonly description: string;
  readonly form?: OperationForm;
  readonly effect: Effect;
  /** Whether a repetition with the same input has no further effect. Always true for reads. */
  readonly idempotent?: boolean;
  /** Server feature that the operation needs; older servers refuse the call. */
  readonly since?: FeatureName;
  readonly related?: RelatedOperations;
}

/** An operation whose result is one object. */
export interface SingleOperation<
  F extends Fields = Fields,
  Raw = unknown,
  S extends Shape = Shape,
  R extends Resource = Resource,
  Name extends string = string,
> extends AnyOperation<R, Name> {
  readonly kind: 'single';
  readonly input: F;
  readonly output: View<Raw, S>;
  readonly result?: SingleResultTraits<OutputOf<S>, InputOf<F>>;
  run(coriolis: Coriolis, input: InputOf<F>): Promise<Raw>;
  /**
   * Describes what the call would do and lose. Required when `effect` is `destroy` or a field can make it `destroy`.
   * Reads only.
   */
  preview?(coriolis: Coriolis, input: InputOf<F>): Promise<Preview>;
  /**
   * Finds the running job because of which the server answered 409; undefined when the conflict has another reason. A
   * repeated call returns this job as its result instead of an error. Reads only.
   */
  findRunning?(coriolis: Coriolis, input: InputOf<F>): Promise<Raw | undefined>;
  /** Detection of calls repeated after a lost response; undefined where a repetition is harmless. */
  readonly deduplication?: Deduplication<InputOf<F>, Raw>;
  /** Work that continues after the call returns; undefined when the call completes its work. */
  readonly completion?: Completion<InputOf<F>, Raw>;
  /** Settings of an operation whose call waits; undefined when it returns at once. */
  readonly wait?: OperationWait<OutputOf<S>, InputOf<F>>;
  /** Settings of a call for several transfers; undefined where the operation takes one only. */
  readonly bulk?: BulkSettings;
}

/** Settings of a call for several transfers, each with its own outcome. */
export interface BulkSettings {
  /** Maximum number of transfers. */
  readonly maximum: number;
  /** Keys of a single result that the row of its transfer shows. */
  readonly rowKeys: readonly string[];
  /** Suggested next calls for the transfers that were handled. */
  next?(rows: readonly BulkRowIds[]): readonly NextCall[];
  /**
   * Handles all transfers in one go and returns one combined result; undefined where each transfer has its own row.
   * Reads only.
   */
  runForAll?(coriolis: Coriolis, transferIds: readonly string[], input: JsonObject): Promise<CombinedResult>;
}

/** Ids in the row of a transfer: `transfer_id`, and `id` of the object that was started or created for the transfer. */
export interface BulkRowIds {
  readonly transfer_id: string;
  readonly id: string;
}

/** Combined result for several transfers, with its summary in a few words. */
export interface CombinedResult {
  readonly result: JsonObject;
  readonly headline: string;
}

/** Detection of repeated calls of an operation. */
export interface Deduplication<Input, Raw> {
  /**
   * Finds the objects that calls with equal input created, the oldest first. Reads only.
   *
   * @param isRecent whether a `created_at` of the server is young enough to count
   */
  findDuplicates(
    coriolis: Coriolis,
    input: Input,
    isRecent: (createdAt: string) => boolean,
  ): Promise<readonly Raw[]>;
  /**
   * Deletes an object that this call has just created, when a simultaneous call created an equal one. Undefined where
   * the server itself refuses a second equal object.
   */
  withdraw?(coriolis: Coriolis, raw: Raw, input: Input): Promise<unknown>;
  /** Returns the id of an object. When this function is undefined, the key `id` is read. */
  idOf?(raw: Raw): string;
  /** Returns the creation time of an object. When this function is undefined, the key `created_at` is read. */
  createdAt?(raw: Raw): string;
  /** The call split into creation and start; undefined where `withdraw` can also delete an object that was started. */
  readonly steps?: {
    create(coriolis: Coriolis, input: Input): Promise<Raw>;
    start(coriolis: Coriolis, raw: Raw, input: Input): Promise<Raw>;
  };
  /**
   * Noun of objects that have neither settings nor a creation time and cannot be deleted; undefined for other objects.
   * Such objects cannot be told apart. When simultaneous calls create several, an error therefore names all of them.
   */
  readonly indistinguishableNoun?: string;
  /** Whether the object exists until a user deletes it, so that a duplicate of any age can be returned. */
  readonly durable?: true;
  /** Title of an input that the server never returns. Calls that differ only in this input count as equal. */
  readonly notCompared?: string;
}

/** Functions with which a caller waits for the work that an operation starts. */
export interface Completion<Input, Raw> {
  /** Returns the object to wait for; undefined when this call started no work. */
  target(raw: Raw, input: Input): WaitTarget | undefined;
  /** Reads the result again after the work has completed. */
  reload(coriolis: Coriolis, raw: Raw): Promise<Raw>;
  /**
   * Returns a warning for callers that do not wait, when the work stops without a waiting caller; undefined when the
   * work continues by itself.
   */
  unattendedWarning?(raw: Raw): string | undefined;
}

/** An operation whose result is any number of rows. They are produced one by one, so that long lists need no memory. */
export interface ListOperation<
  F extends Fields = Fields,
  Raw = unknown,
  S extends Shape = Shape,
  R extends Resource = Resource,
  Name extends string = string,
> extends AnyOperation<R, Name> {
  readonly kind: 'list';
  readonly input: F;
  readonly output: View<Raw, S>;
  readonly result?: ResultTraits;
  run(coriolis: Coriolis, input: InputOf<F>, window: ListRange): AsyncIterable<Raw | ListPause>;
  /** Paging position after a row, as the `after` of the next window. */
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

/** Declares an operation with one result that also takes several transfers; its type requires `bulk`. */
export function defineBulkOperation<
  F extends Fields,
  Raw,
  S extends Shape,
  R extends Resource,
  Name extends string,
>(
  operation: Omit<SingleOperation<F, Raw, S, R, Name>, 'kind'> & { readonly bulk: BulkSettings },
): SingleOperation<F, Raw, S, R, Name> & { readonly bulk: BulkSettings } {
  return { ...operation, kind: 'single' };
}

/** Declares an operation with rows as its result. */
export function defineListOperation<
  F extends Fields,
  Raw,
  S extends Shape,
  R extends Resource,
  Name extends string,
>(operation: Omit<ListOperation<F, Raw, S, R, Name>, 'kind'>): ListOperation<F, Raw, S, R, Name> {
  return { ...operation, kind: 'list' };
}

/** Effects from the most harmless to the worst. */
const severity: readonly Effect[] = ['read', 'write', 'destroy'];

const worse = (one: Effect, other: Effect): Effect =>
  severity.indexOf(one) >= severity.indexOf(other) ? one : other;

/**
 * Effect that a field adds to its operation when it has a value: canceling by force, shutting down source machines,
 * starting the next steps of a migration. `read` adds nothing.
 */
export const effectOfField = (field: AnyField): Effect =>
  ('effect' in field ? field.effect : undefined) ?? 'read';

/** Whether a value lets its field add its effect: `true`, or a list that is not empty. */
const isGiven = (value: unknown): boolean => value === true || (Array.isArray(value) && value.length > 0);

/** The worst effect that an operation can have with any input. */
export const worstEffectOf = (operation: Operation): Effect =>
  Object.values(operation.input).map(effectOfField).reduce(worse, operation.effect);

/** Effect of an operation with this input. */
export const effectOf = (operation: Operation, input: Readonly<Record<string, unknown>>): Effect =>
  Object.entries(operation.input)
    .filter(([name]) => isGiven(input[name]))
    .map(([, field]) => effectOfField(field))
    .reduce(worse, operation.effect);

export type OperationWithHint = Operation & { readonly form: { readonly hint: FormHint } };

/** Whether an operation has a hint for forms. */
export const hasFormHint = (operation: Operation): operation is OperationWithHint =>
  operation.form?.hint !== undefined;

/** Name of the timeout input of an operation that waits; undefined for others. */
export const timeoutInputOf = (operation: Operation): string | undefined =>
  operation.kind === 'single' ? operation.wait?.timeoutInput : undefined;

/** `resource.name`, the published identity of an operation. */
export const operationId = (operation: Operation): string => `${operation.resource}.${operation.name}`;
