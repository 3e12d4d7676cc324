import { catalogue, resources, type OperationsOf } from '../src/catalogue';
import { CanceledError } from '../src/api/errors';
import { contextForCaller, type Coriolis, type ProgressNote } from '../src/api/operation-context';
import type { CallerInputOf, FlattenedIntersection } from '../src/vocabulary/field';
import type { JsonObject } from '../src/model/json';
import type { ListOperation, Operation, Resource, SingleOperation } from '../src/operation';
import type { Preview } from '../src/vocabulary/preview';
import { checkCall, prepareCall, fetchCallRows, type Detail } from '../src/prepared-call';
import { prepareBulkCall, isBulkOperation, type BulkOperation, type BulkResult } from '../src/bulk-call';
import type { OutputOf } from '../src/vocabulary/result-keys';
import { toCamelCase, methodNameOf, type ResourcePropertyName, type MethodName } from './member-names';
import { makeLazyRows, type Rows } from './lazy-rows';

/** Options of one call. */
export interface CallOptions<D extends Detail = Detail> {
  /** `full` returns the whole object of the server without secrets, instead of the documented keys. */
  readonly detail?: D | undefined;
  /** Cancels the call with a `CanceledError`. Work that was started on the server continues. */
  readonly signal?: AbortSignal | undefined;
  /** Called with the progress of long work. Must not throw. */
  readonly onProgress?: ((note: ProgressNote) => void) | undefined;
}

/** Options of a list. */
export interface ListOptions<D extends Detail = Detail> extends CallOptions<D> {
  /** Maximum number of rows. The server's pages are not larger. */
  readonly limit?: number | undefined;
}

/** Type of a result: the documented keys, or a full object. */
export type Shown<Result, D extends Detail> = D extends 'full' ? JsonObject : Result;

/** Arguments of a call. The input can be omitted when no field is required. */
type Arguments<Given, Options> =
  Record<string, never> extends Given
    ? [given?: Given, options?: Options]
    : [given: Given, options?: Options];

/** An operation with one result. */
export interface Call<Given, Result> {
  <D extends Detail = 'summary'>(...call: Arguments<Given, CallOptions<D>>): Promise<Shown<Result, D>>;
  /**
   * Previews a destructive operation in the server's present state; undefined for operations without a preview. Only
   * reads.
   */
  preview(...call: Arguments<Given, Pick<CallOptions, 'signal'>>): Promise<Preview | undefined>;
  /** The running job that caused a `ConflictError`; undefined when there is none. Only reads. */
  underway<D extends Detail = 'summary'>(
    ...call: Arguments<Given, CallOptions<D>>
  ): Promise<Shown<Result, D> | undefined>;
}

/** An operation that also takes several transfers. */
export interface CallForOneOrSeveral<Given> {
  /**
   * Does the operation for several transfers, a few at a time. The result has a row for each transfer, also for one
   * that failed; the others continue. For a preflight a row has one word, and problems of several transfers are listed
   * once.
   */
  readonly several: SeveralTransfersMethod<Omit<Given, 'transferId'> & TransferSelection>;
}

/** Several transfers: ids, exact names, or `#word` for all with that word in their notes. */
export interface TransferSelection {
  readonly transferIds: readonly string[];
}

/** Call for several transfers, with one preview of all. */
export interface SeveralTransfersMethod<Given> {
  (given: Given, options?: Omit<CallOptions, 'detail'>): Promise<BulkResult>;
  /** Previews a destructive operation for all of them; undefined for operations without a preview. Only reads. */
  preview(given: Given, options?: Pick<CallOptions, 'signal'>): Promise<Preview | undefined>;
}

/** An operation that returns rows. */
export type List<Given, Row> = <D extends Detail = 'summary'>(
  ...call: Arguments<Given, ListOptions<D>>
) => Rows<Shown<Row, D>>;

/** Input type of an operation. For an operation without fields it accepts no key; the type `{}` would accept any. */
type GivenTo<O extends Operation> = keyof O['input'] extends never
  ? Record<string, never>
  : CallerInputOf<O['input']>;
type ResultOf<O extends Operation> = FlattenedIntersection<OutputOf<O['output']['shape']>>;

type Method<O extends Operation> = O extends { readonly kind: 'list' }
  ? List<GivenTo<O>, ResultOf<O>>
  : O extends { readonly bulk: object }
    ? Call<GivenTo<O>, ResultOf<O>> & CallForOneOrSeveral<GivenTo<O>>
    : Call<GivenTo<O>, ResultOf<O>>;

/** Methods of one resource. */
export type Group<R extends Resource> = {
  readonly [O in OperationsOf<R> as MethodName<O['name']>]: Method<O>;
};

/** Methods of all resources: `transfers.list`, `executions.wait`, `minionPools.allocate`. */
export type Groups = { readonly [R in Resource as ResourcePropertyName<R>]: Group<R> };

type Given = Readonly<Record<string, unknown>>;

/**
 * Makes a copy of the connection with the signal and the progress listener of one call.
 * @throws {CanceledError} the signal has fired already
 */
function withOptions(coriolis: Coriolis, { signal = coriolis.signal, onProgress }: CallOptions): Coriolis {
  if (signal?.aborted === true) {
    throw new CanceledError('The call was canceled before it began; nothing was sent');
  }
  return contextForCaller(coriolis, {
    signal,
    deadline: coriolis.deadline,
    reportProgress: onProgress ?? coriolis.reportProgress,
  });
}

function makeCall(coriolis: Coriolis, operation: SingleOperation) {
  const prepared = (given: Given = {}, options: CallOptions = {}) =>
    prepareCall(operation, withOptions(coriolis, options), given);
  const run = async (given?: Given, options?: CallOptions) =>
    await (await prepared(given, options)).run({ detail: options?.detail });
  return Object.assign(run, {
    preview: async (given?: Given, options?: CallOptions) => await (await prepared(given, options)).preview(),
    underway: async (given?: Given, options?: CallOptions) =>
      await (await prepared(given, options)).findRunning({ detail: options?.detail }),
    ...(isBulkOperation(operation) ? { several: makeSeveralCall(coriolis, operation) } : {}),
  });
}

function makeSeveralCall(coriolis: Coriolis, operation: BulkOperation) {
  const prepared = (given: Given, options: CallOptions = {}) =>
    prepareBulkCall(operation, withOptions(coriolis, options), given);
  const run = async (given: Given, options?: CallOptions) =>
    (await (await prepared(given, options)).run()).result;
  return Object.assign(run, {
    preview: async (given: Given, options?: CallOptions) => await (await prepared(given, options)).preview(),
  });
}

const makeList =
  (coriolis: Coriolis, operation: ListOperation) =>
  (given: Given = {}, options: ListOptions = {}): Rows<JsonObject> =>
    makeLazyRows(async function* (part) {
      yield* fetchCallRows(checkCall(operation, given), withOptions(coriolis, options), part, {
        detail: options.detail,
      });
    }, options.limit);

/** Makes the methods of all operations. */
export function makeMethods(coriolis: Coriolis): Groups {
  const groups: Record<string, Record<string, unknown>> = {};
  for (const operation of catalogue) {
    const group = (groups[toCamelCase(resources[operation.resource].plural)] ??= {});
    group[methodNameOf(operation.name)] =
      operation.kind === 'list' ? makeList(coriolis, operation) : makeCall(coriolis, operation);
  }
  // The compiler cannot check that `Groups` and these names follow the same rule (member-names.ts).
  return groups as unknown as Groups;
}
