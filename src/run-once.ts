import {
  asError,
  ConflictError,
  isCoriolisError,
  NotFoundError,
  UncertainError,
  UnreachableError,
} from './api/errors';
import type { Coriolis } from './api/operation-context';
import { toCanonicalJson } from './model/canonical-json';
import type { Deduplication, SingleOperation } from './operation';
import { pauseUntilSettled, estimateServerTimeOfRead, SETTLED_AFTER_MS } from './waiting/pause-until-settled';

/**
 * Equal calls create one object, whether they come one after the other, at the same moment in one process, or at the
 * same moment in several processes. The server has no idempotency keys, so an equal object is searched on the server.
 */

/** Object that a call returns. `existed` is true when another call had created the object. */
interface OnceResult {
  readonly raw: unknown;
  readonly existed: boolean;
}

/** Unfinished calls of this process: by the client, then by operation and input. */
const inFlight = new WeakMap<object, Map<string, Promise<OnceResult>>>();

/** Milliseconds to wait until other callers have deleted their objects that are not the oldest. */
const WITHDRAWN_AFTER_MS = 13_000;

type Input = Parameters<SingleOperation['run']>[1];
type IsRecent = (createdAt: string) => boolean;

/** A call of this process. */
interface Call {
  readonly operation: SingleOperation;
  readonly coriolis: Coriolis;
  readonly input: Input;
}

/** A call whose operation detects repetitions. */
interface DeduplicatedCall extends Call {
  readonly retry: Deduplication<Input, unknown>;
  /** Predicate: whether a `created_at` is recent enough for an equal call. */
  readonly isRecent: IsRecent;
}

/**
 * Runs an operation, unless an equal call created its object already or creates it now.
 *
 * @param isRecent whether a `created_at` of the server is young enough for an equal call
 * @throws {ConflictError} a simultaneous call created an equal object, and the one of this call could not be deleted
 * @throws {UncertainError} answers were lost, and several equal objects stay
 */
export async function runOnce(
  operation: SingleOperation,
  coriolis: Coriolis,
  input: Input,
  isRecent: IsRecent,
): Promise<OnceResult> {
  // Without both, a repeated call is harmless, or the server refuses it.
  if (operation.deduplication === undefined && operation.findRunning === undefined) {
    return { raw: await operation.run(coriolis, input), existed: false };
  }
  const { withoutDefaults } = coriolis.client;
  const calls = inFlight.get(withoutDefaults) ?? new Map<string, Promise<OnceResult>>();
  inFlight.set(withoutDefaults, calls);
  const call = `${operation.resource}.${operation.name} ${toCanonicalJson(input)}`;
  const other = calls.get(call);
  if (other !== undefined) {
    const shared = await other.then((made) => made, asError);
    if (!(shared instanceof Error)) return { raw: shared.raw, existed: true };
    // Only the other caller canceled. This caller still needs an answer.
    const isCanceled = isCoriolisError(shared) && shared.kind === 'canceled';
    if (!isCanceled || coriolis.signal?.aborted === true) throw shared;
    return await runOnce(operation, coriolis, input, isRecent);
  }
  const made = make({ operation, coriolis, input }, isRecent).finally(() => calls.delete(call));
  calls.set(call, made);
  return await made;
}

async function make(call: Call, isRecent: IsRecent): Promise<OnceResult> {
  const { operation, coriolis, input } = call;
  const { deduplication } = operation;
  if (deduplication === undefined) return { raw: await operation.run(coriolis, input), existed: false };
  const checked = { ...call, retry: deduplication, isRecent };
  if (deduplication.indistinguishableNoun !== undefined)
    return await createIndistinguishable(checked, deduplication.indistinguishableNoun);
  if (deduplication.withdraw === undefined) return await makeUnlessRefused(checked);
  const existing = await findSettled(checked);
  return existing === undefined ? await createOnce(checked) : { raw: existing, existed: true };
}

/**
 * Creates an object that cannot be told apart from the objects of equal calls.
 * @throws {ConflictError} simultaneous calls created equal objects too, all of which the error names
 */
async function createIndistinguishable(call: DeduplicatedCall, noun: string): Promise<OnceResult> {
  const { coriolis } = call;
  const before = new Set((await equalObjects(call)).map((one) => idIn(call, one)));
  const raw = await create(call);
  const own = idIn(call, raw);
  await coriolis.sleep(SETTLED_AFTER_MS, coriolis.signal);
  const all = new Set([own, ...(await equalObjects(call)).map((one) => idIn(call, one))]);
  const [first = own, ...others] = [...all].filter((id) => !before.has(id)).sort();
  if (others.length === 0) return { raw, existed: false };
  throw new ConflictError(
    `Simultaneous calls created ${others.length + 1} equal ${noun}s, and none can be deleted: ${[first, ...others].join(', ')}.`,
    { advice: `Use ${first}, and do not repeat the call.` },
  );
}

/** Creates an object whose duplicate the server itself refuses. */
async function makeUnlessRefused(call: DeduplicatedCall): Promise<OnceResult> {
  const { operation, coriolis, input, retry } = call;
  const [existing] = await equalObjects(call);
  if (existing !== undefined) return { raw: existing, existed: true };
  try {
    return { raw: await operation.run(coriolis, input), existed: false };
  } catch (error) {
    if (!(error instanceof ConflictError) || retry.durable === undefined) throw asError(error);
    // A simultaneous call may have created the object between the look-up and the request.
    const [other] = await equalObjects(call);
    if (other === undefined) throw asError(error);
    return { raw: other, existed: true };
  }
}

/**
 * Finds the object of an earlier call. When the object is very young, its caller may still delete it because of an
 * older object that lists do not show yet. So a young object is searched again once the oldest object is certain.
 */
async function findSettled(call: DeduplicatedCall): Promise<unknown> {
  const { coriolis } = call;
  const begun = coriolis.clock();
  const [oldest] = await equalObjects(call);
  if (oldest === undefined) return undefined;
  const now = estimateServerTimeOfRead(coriolis, begun);
  if (!(await pauseUntilSettled(coriolis, createdAtIn(call, oldest), now))) return oldest;
  const [agreed] = await equalObjects(call);
  return agreed;
}

const createdAtIn = ({ retry }: DeduplicatedCall, one: unknown): string | undefined =>
  retry.createdAt?.(one) ?? (one as { readonly created_at?: string }).created_at;

/**
 * Creates an object and keeps only one of those that simultaneous callers created. Starts the work of its own object.
 */
async function createOnce(call: DeduplicatedCall): Promise<OnceResult> {
  const { coriolis, input, retry } = call;
  let raw: unknown;
  try {
    raw = await create(call);
  } catch (error) {
    if (!(error instanceof UncertainError)) throw asError(error);
    return await awaitOnlyOne(call, error);
  }
  const made = await keepOne(call, raw);
  if (made.existed || retry.steps === undefined) return made;
  return { raw: await retry.steps.start(coriolis, made.raw, input), existed: false };
}

const create = ({ operation, coriolis, input, retry }: DeduplicatedCall): Promise<unknown> =>
  retry.steps === undefined ? operation.run(coriolis, input) : retry.steps.create(coriolis, input);

/** Finds the objects that equal calls created, the oldest first. */
const equalObjects = ({ coriolis, input, retry, isRecent }: DeduplicatedCall): Promise<readonly unknown[]> =>
  retry.findDuplicates(coriolis, input, isRecent);

const idIn = ({ retry }: DeduplicatedCall, one: unknown): string =>
  retry.idOf?.(one) ?? String((one as { readonly id?: unknown } | undefined)?.id);

/**
 * Waits until all other callers have withdrawn their objects, and returns the only one that is left.
 * @throws {UncertainError} no object is left, or several are
 */
async function awaitOnlyOne(call: DeduplicatedCall, uncertain: UncertainError): Promise<OnceResult> {
  const { coriolis, operation } = call;
  await coriolis.sleep(WITHDRAWN_AFTER_MS, coriolis.signal);
  const found = await equalObjects(call).catch(asError);
  // The error of the creation says more than an error of the look-up.
  if (found instanceof Error || found.length === 0) throw uncertain;
  if (found.length === 1) return { raw: found[0], existed: true };
  throw uncertain.advising(
    `Equal ones are ${found.map((one) => idIn(call, one)).join(', ')}: keep the first ${operation.resource}, delete the others.`,
  );
}

/**
 * Keeps the oldest of the equal objects that simultaneous callers created, also in other processes, however long their
 * answers take. Each caller lists the equal objects once the place of its own object in the list is final: older
 * objects are then all visible, and later ones are younger. So the caller of the oldest object finds none before it and
 * keeps it; each other caller deletes its own object. After a lost answer, an object that was only found by a look-up,
 * or that is missing among the equal objects, may belong to another caller and is never deleted.
 */
async function keepOne(call: DeduplicatedCall, raw: unknown): Promise<OnceResult> {
  const { operation, coriolis } = call;
  const { resource } = operation;
  const own = idIn(call, raw);
  await pauseUntilSettled(coriolis, createdAtIn(call, raw), coriolis.client.serverTime);
  const found = await equalObjects(call);
  const place = found.findIndex((one) => idIn(call, one) === own);
  if (place === 0 || found.length === 0) return { raw, existed: false };
  if (coriolis.client.wasFoundAfterLostResponse(own) || place === -1) {
    return await awaitOnlyOne(
      call,
      new UncertainError(
        `The answer to the creation of a ${resource} was lost, and several equal ones exist: ${own} may be the one that was created`,
        { advice: `Look at each ${resource} of these settings before you repeat it.` },
      ),
    );
  }
  const failure = await withdraw(call, raw);
  if (failure === undefined) return { raw: found[0], existed: true };
  const kept = idIn(call, found[0]);
  throw new ConflictError(
    `Somebody created the same ${resource} at the same moment: ${kept} stays, and ${own} could not be deleted (${failure.message}).`,
    { advice: `Delete ${resource} ${own}; use ${kept}.`, cause: failure },
  );
}

/** Maximum number of attempts to delete an object. */
const WITHDRAWALS = 3;

/** Deletes the object that this call created; returns the error when the deletion failed. */
async function withdraw(
  { coriolis, input, retry }: DeduplicatedCall,
  raw: unknown,
): Promise<Error | undefined> {
  let failure: Error | undefined;
  for (let attempt = 1; attempt <= WITHDRAWALS; attempt += 1) {
    failure = await retry.withdraw?.(coriolis, raw, input).then(() => undefined, asError);
    if (failure === undefined || failure instanceof NotFoundError) return undefined;
    if (!(failure instanceof UncertainError || failure instanceof UnreachableError)) break;
  }
  return failure;
}
