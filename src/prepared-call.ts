import { ChangeRecorder } from './api/completed-changes';
import { contextForCaller, type Coriolis } from './api/operation-context';
import { asError, ConflictError } from './api/errors';
import type { Fields, InputOf } from './vocabulary/field';
import { isObject, type JsonObject } from './model/json';
import { spellFieldNameAsInCatalogue, readInput, type FieldNameSpelling } from './vocabulary/read-input';
import { runOnce } from './run-once';
import type { NameBatch } from './lookup/name-directory';
import { resolveReferences } from './lookup/resolve-references';
import { describeStallInTheWay, findStall } from './facts/run-in-the-way';
import type { Deployment, Execution } from './model/api-objects';
import { redact } from './model/redact-object';
import { waitForCompletion } from './waiting/wait-for-completion';
import type { WaitOptions } from './waiting/wait-for-targets';
import { effectOf, type Effect, type ListOperation, type Operation, type SingleOperation } from './operation';
import type { Preview } from './vocabulary/preview';
import { ListPause, type ListRange } from './vocabulary/list-range';

type Given = Readonly<Record<string, unknown>>;

/** Keys of a returned object: `summary` has the documented keys, `full` all keys of the server without secrets. */
export type Detail = 'summary' | 'full';

/** Options of a call that returns one object. */
export interface PreparedCallOptions {
  /** Default `summary`. */
  readonly detail?: Detail | undefined;
  /** Whether to return an existing object that an equal call created, of any age, instead of creating another one. */
  readonly reuse?: boolean | undefined;
  /** Function that adapts the result to its reader; not applied with `detail: 'full'`. */
  readonly adaptResult?: ResultAdapter | undefined;
  /** Whether to add the key `notice` to the result when the work that was started stops unless a caller waits. */
  readonly addsNotice?: boolean | undefined;
}

/** Adapts the shown keys of the object `raw` to their reader: adds keys, orders them. */
export type ResultAdapter = (operation: Operation, raw: unknown, shown: JsonObject) => Promise<JsonObject>;

/** Limits of a wait: timeout and stall limit, in seconds. */
export type WaitLimits = Pick<WaitOptions, 'timeoutSeconds' | 'stallSeconds'>;

/** A row with its paging position. Given as `after`, the position continues the list behind this row. */
export interface RowWithPosition {
  readonly row: JsonObject;
  readonly position: string;
}

/** An operation with its checked input, which may still contain names instead of ids. */
interface Checked<O> {
  readonly operation: O;
  readonly input: InputOf<Fields>;
  /** Spelling of field names in errors. */
  readonly spell: FieldNameSpelling;
}

/** A call whose input was checked, before names are resolved and anything is sent. */
export type CheckedCall<O extends Operation = Operation> = O extends Operation ? Checked<O> : never;

/** Whether a call returns one object instead of rows. */
export const isSingleCall = (call: CheckedCall): call is CheckedCall<SingleOperation> =>
  call.operation.kind === 'single';

/**
 * Checks the input of a call. Sends nothing.
 *
 * @param others additional accepted input names; an error about an unknown name lists them too
 * @throws {InvalidInputError} naming every wrong field
 */
export const checkCall = <O extends Operation>(
  operation: O,
  given: Given,
  spell: FieldNameSpelling = spellFieldNameAsInCatalogue,
  others: readonly string[] = [],
) => ({ operation, input: readInput(operation.input, given, spell, others), spell }) as CheckedCall<O>;

/**
 * Resolves the names in a checked call to ids. Preview, run and wait then use the same ids.
 *
 * @param batch calls whose names are looked up together
 * @throws {InvalidInputError} a name that several objects have
 * @throws {NotFoundError} a name that no object has
 */
export async function resolveNames(
  { operation, input, spell }: CheckedCall<SingleOperation>,
  coriolis: Coriolis,
  batch?: NameBatch,
): Promise<PreparedCall> {
  return new PreparedCall(
    operation,
    coriolis,
    await resolveReferences(operation.input, coriolis, input, spell, batch),
  );
}

/**
 * Checks the input of a call and resolves its names to ids. Preview, run and wait of the prepared call therefore
 * concern the same objects.
 *
 * @throws {InvalidInputError} wrong input; nothing was sent
 */
export const prepareCall = async (
  operation: SingleOperation,
  coriolis: Coriolis,
  given: Given,
  spell?: FieldNameSpelling,
): Promise<PreparedCall> => await resolveNames(checkCall(operation, given, spell), coriolis);

/** Maximum age of a duplicate that a repeated call returns instead of creating another object, in milliseconds. */
const RECENT_MS = 10 * 60_000;

/** One call of an operation with its input checked and its names resolved to ids. Results are redacted. */
export class PreparedCall {
  constructor(
    readonly operation: SingleOperation,
    private readonly coriolis: Coriolis,
    readonly input: InputOf<Fields>,
  ) {}

  /** The effect of the operation with this input. */
  get effect(): Effect {
    return effectOf(this.operation, this.input);
  }

  /** Runs the operation. */
  async run(options: PreparedCallOptions = {}): Promise<JsonObject> {
    const { raw, shown } = await this.start(options);
    const notice =
      options.addsNotice === true ? this.operation.completion?.unattendedWarning?.(raw) : undefined;
    return notice === undefined ? shown : { ...shown, notice };
  }

  /**
   * Runs the operation and waits until the work that it started has completed. The result also has the outcome,
   * duration and the other keys of a wait. Returns at once when no work was started.
   *
   * @throws {TimeoutError} the timeout or stall limit passed; the work continues
   * @throws {OutcomeError} the work failed, was canceled or was deleted
   */
  async runToCompletion(limits: WaitLimits, options: PreparedCallOptions = {}): Promise<JsonObject> {
    const { raw, shown } = await this.start(options);
    const target = this.operation.completion?.target(raw, this.input);
    if (target === undefined) return shown;
    const end = redact(await waitForCompletion(this.coriolis, target, limits)) as JsonObject;
    const reloaded = await this.operation.completion?.reload(this.coriolis, raw);
    const after = await present(this.operation, reloaded, options);
    // Keys of the object come first in the result, and override keys of the wait with the same name.
    return { ...after, ...end, ...after };
  }

  /**
   * Consequences of the call in the server's present state; undefined when the operation has no preview. Reads only.
   */
  async preview(): Promise<Preview | undefined> {
    const preview = await this.operation.preview?.(this.coriolis, this.input);
    return preview && (redact(preview) as Preview);
  }

  /**
   * Runs the operation, unless an equal call ran it within the last ten minutes or runs it right now. `existed` is true
   * when the object of an earlier call is returned.
   */
  async runOnce(options: PreparedCallOptions = {}): Promise<readonly [result: JsonObject, existed: boolean]> {
    const { operation, input } = this;
    const { raw, existed } = await this.runNamingChanges((coriolis) =>
      runOnce(operation, coriolis, input, coriolis.client.wasCreatedWithin(RECENT_MS)),
    );
    return [show(operation, raw, options.detail), existed];
  }

  /**
   * Result of the running job, after the server refused the call with 409; undefined when there is none. When the job
   * is stalled, the result also has the keys of `StalledRunInTheWay`. Reads only.
   */
  async findRunning(options: PreparedCallOptions = {}): Promise<JsonObject | undefined> {
    const raw = await this.operation.findRunning?.(this.coriolis, this.input);
    if (raw === undefined) return undefined;
    const stall = isRun(raw) ? await findStall(this.coriolis, raw) : undefined;
    return { ...show(this.operation, raw, options.detail), ...stall?.facts };
  }

  /** Arguments that resume the wait that returned `result`; undefined when the wait has finished. */
  resumeArguments(result: JsonObject): JsonObject | undefined {
    return this.operation.wait?.resumeArguments?.(result as never, this.input);
  }

  /** Runs work. Adds the changes made so far to an error, except for waits, which a caller can simply repeat. */
  private async runNamingChanges<Result>(work: (coriolis: Coriolis) => Promise<Result>): Promise<Result> {
    const { coriolis, operation } = this;
    if (operation.effect === 'read' || operation.wait?.resumeArguments !== undefined)
      return await work(coriolis);
    const carriedOut = new ChangeRecorder();
    try {
      return await work(contextForCaller(coriolis, { ...coriolis, onChange: carriedOut.record }));
    } catch (error) {
      throw carriedOut.addTo(await this.explain(asError(error)));
    }
  }

  /** Adds to a conflict that an execution of the transfer is stalled, with the choices: a wait would not end. */
  private async explain<E extends Error>(error: E): Promise<E> {
    const { transferId } = this.input;
    if (!(error instanceof ConflictError) || typeof transferId !== 'string') return error;
    const stall = await describeStallInTheWay(this.coriolis, transferId);
    return stall === undefined ? error : error.advising(stall);
  }

  private async start(options: PreparedCallOptions): Promise<{ raw: unknown; shown: JsonObject }> {
    const { operation, input } = this;
    if (options.reuse !== true || operation.deduplication?.durable !== true) {
      const raw = await this.runNamingChanges((coriolis) => operation.run(coriolis, input));
      return { raw, shown: await present(operation, raw, options) };
    }
    const { raw, existed } = await this.runNamingChanges((coriolis) =>
      runOnce(operation, coriolis, input, () => true),
    );
    return { raw, shown: { ...(await present(operation, raw, options)), already_exists: existed } };
  }
}

/** Whether an object of the server is an execution or a deployment. */
const isRun = (raw: unknown): raw is Execution | Deployment =>
  isObject(raw) && typeof raw['id'] === 'string' && ('action_id' in raw || 'last_execution_status' in raw);

/**
 * Yields the rows of a checked call. A page is requested only when its rows are read.
 *
 * @param options.onPause called where the list pauses, which then ends it; without it, the list goes on
 */
export async function* fetchCallRows(
  { operation, input, spell }: CheckedCall<ListOperation>,
  coriolis: Coriolis,
  window: ListRange,
  options: Pick<PreparedCallOptions, 'detail' | 'adaptResult'> & {
    readonly names?: NameBatch | undefined;
    readonly onPause?: (pause: ListPause) => void;
  } = {},
): AsyncIterable<RowWithPosition> {
  const resolved = await resolveReferences(operation.input, coriolis, input, spell, options.names);
  let rows = 0;
  for await (const raw of operation.run(coriolis, resolved, window)) {
    if (raw instanceof ListPause) {
      if (options.onPause === undefined) continue;
      options.onPause(raw);
      return;
    }
    if (window.limit !== undefined && rows >= window.limit) return;
    rows += 1;
    yield { row: await present(operation, raw, options), position: operation.position(raw) };
  }
}

/** Checks values of fields that belong to no operation, and resolves the names among them to ids. */
export const resolveInput = async <F extends Fields>(
  fields: F,
  coriolis: Coriolis,
  given: Given,
  spell: FieldNameSpelling = spellFieldNameAsInCatalogue,
): Promise<InputOf<F>> => await resolveReferences(fields, coriolis, readInput(fields, given, spell), spell);

/** Returns the keys of a result, adapted to its reader. With `detail: 'full'` nothing is adapted. */
async function present(
  operation: Operation,
  raw: unknown,
  { detail, adaptResult: change }: Pick<PreparedCallOptions, 'detail' | 'adaptResult'>,
): Promise<JsonObject> {
  const shown = show(operation, raw, detail);
  return change === undefined || detail === 'full'
    ? shown
    : (redact(await change(operation, raw, shown)) as JsonObject);
}

function show(operation: Operation, raw: unknown, detail: Detail = 'summary'): JsonObject {
  return redact(
    detail === 'full' && operation.result?.whole !== true ? raw : operation.output.of(raw),
  ) as JsonObject;
}
