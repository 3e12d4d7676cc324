import {
  asError,
  ConflictError,
  isCoriolisError,
  NotFoundError,
  UncertainError,
  UnreachableError,
} from './api/errors';
import type { Coriolis } from './api/coriolis';
import { canonicalJson } from './model/canonical';
import type { Retry, SingleOperation } from './operation';

/**
 * Equal calls create one object: calls one after the other, at the same moment in one process, and at the same moment in
 * several processes. The server has no idempotency keys, so the object itself is looked up.
 */

/** Result of a call, and whether another call had created the object. */
interface Made {
  readonly raw: unknown;
  readonly existed: boolean;
}

/** Calls of this process that are changing something, by client and by call. */
const inFlight = new WeakMap<object, Map<string, Promise<Made>>>();

/**
 * Milliseconds until an object that a simultaneous call created is visible to all callers; the server's times are whole
 * seconds.
 */
const VISIBLE_AFTER_MS = 3000;
/** Milliseconds until callers whose object is not the oldest have deleted it. */
const WITHDRAWN_AFTER_MS = 10_000;
/**
 * Number of lookups in which a call that created nothing waits for other callers to agree on one object. Several equal
 * objects may also be intended.
 */
const AGREEMENT_LOOKS = 2;

type Input = Parameters<SingleOperation['run']>[1];
type IsRecent = (createdAt: string) => boolean;

/** A call of this process. */
interface Call {
  readonly operation: SingleOperation;
  readonly coriolis: Coriolis;
  readonly input: Input;
}

/** A call whose repetition is detected. */
interface CheckedCall extends Call {
  readonly retry: Retry<Input, unknown>;
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
): Promise<Made> {
  // A repetition of other calls does no harm, or the server refuses it.
  if (operation.retry === undefined && operation.findInFlight === undefined) {
    return { raw: await operation.run(coriolis, input), existed: false };
  }
  const { origin } = coriolis.client;
  const calls = inFlight.get(origin) ?? new Map<string, Promise<Made>>();
  inFlight.set(origin, calls);
  const call = `${operation.resource}.${operation.name} ${canonicalJson(input)}`;
  const other = calls.get(call);
  if (other !== undefined) {
    const shared = await other.then((made) => made, asError);
    if (!(shared instanceof Error)) return { raw: shared.raw, existed: true };
    // The other caller gave up. That is no answer for this one.
    const isCanceled = isCoriolisError(shared) && shared.kind === 'canceled';
    if (!isCanceled || coriolis.signal?.aborted === true) throw shared;
    return await runOnce(operation, coriolis, input, isRecent);
  }
  const made = make({ operation, coriolis, input }, isRecent).finally(() => calls.delete(call));
  calls.set(call, made);
  return await made;
}

async function make(call: Call, isRecent: IsRecent): Promise<Made> {
  const { operation, coriolis, input } = call;
  const { retry } = operation;
  if (retry === undefined) return { raw: await operation.run(coriolis, input), existed: false };
  if (retry.withdraw === undefined) return await makeUnlessRefused({ ...call, retry, isRecent });
  const checked = { ...call, retry, isRecent };
  const existing = await findAgreed(checked);
  return existing === undefined ? await createOnce(checked) : { raw: existing, existed: true };
}

/** Creates an object whose duplicate the server itself refuses. */
async function makeUnlessRefused(call: CheckedCall): Promise<Made> {
  const { operation, coriolis, input, retry } = call;
  const [existing] = await equalObjects(call);
  if (existing !== undefined) return { raw: existing, existed: true };
  try {
    return { raw: await operation.run(coriolis, input), existed: false };
  } catch (error) {
    if (!(error instanceof ConflictError) || retry.durable === undefined) throw asError(error);
    // A simultaneous call may have created it between the look-up and the request.
    const [other] = await equalObjects(call);
    if (other === undefined) throw asError(error);
    return { raw: other, existed: true };
  }
}

/**
 * Finds the object of an earlier call. When that object is very young, its callers may still be agreeing: it may be
 * withdrawn in favour of an older one that was not visible yet, so it is looked up again afterwards.
 */
async function findAgreed(call: CheckedCall): Promise<unknown> {
  const { coriolis, input, retry, isRecent } = call;
  const isYoung = coriolis.client.createdWithin(VISIBLE_AFTER_MS);
  let hasYoung = false;
  let found = await retry.findDuplicates(coriolis, input, (createdAt) => {
    const counts = isRecent(createdAt);
    hasYoung ||= counts && isYoung(createdAt);
    return counts;
  });
  if (found.length > 0 && hasYoung) {
    await coriolis.sleep(VISIBLE_AFTER_MS, coriolis.signal);
    found = await equalObjects(call);
    // The caller of the oldest object may also delete it, in favour of one whose response was lost and which no caller
    // deletes.
    for (let look = 1; found.length > 1 && look <= AGREEMENT_LOOKS; look += 1) {
      await coriolis.sleep(VISIBLE_AFTER_MS + WITHDRAWN_AFTER_MS, coriolis.signal);
      found = await equalObjects(call);
    }
  }
  return found[0];
}

/** Creates an object, agrees on it with simultaneous callers, and starts its work. */
async function createOnce(call: CheckedCall): Promise<Made> {
  const { coriolis, input, retry } = call;
  let raw: unknown;
  try {
    raw = await create(call);
  } catch (error) {
    if (!(error instanceof UncertainError)) throw asError(error);
    return await settled(call, error);
  }
  const made = await keepOne(call, raw);
  if (made.existed || retry.steps === undefined) return made;
  return { raw: await retry.steps.start(coriolis, made.raw, input), existed: false };
}

const create = ({ operation, coriolis, input, retry }: CheckedCall): Promise<unknown> =>
  retry.steps === undefined ? operation.run(coriolis, input) : retry.steps.create(coriolis, input);

/** Equal objects, oldest first. None existed before the call, so all of them come from simultaneous calls. */
const equalObjects = ({ coriolis, input, retry, isRecent }: CheckedCall): Promise<readonly unknown[]> =>
  retry.findDuplicates(coriolis, input, isRecent);

/**
 * Waits until all other callers have withdrawn their objects, and returns the only one that is left.
 * @throws `uncertain` when none is left, or several
 */
async function settled(call: CheckedCall, uncertain: UncertainError): Promise<Made> {
  const { coriolis } = call;
  await coriolis.sleep(VISIBLE_AFTER_MS + WITHDRAWN_AFTER_MS, coriolis.signal);
  const found = await equalObjects(call).catch(asError);
  // The first error tells more than one about the look-up.
  if (found instanceof Error || found.length !== 1) throw uncertain;
  return { raw: found[0], existed: true };
}

/**
 * Agrees with simultaneous callers in other processes on the oldest object. Of two callers the later one sees both objects, so
 * a look right after the creation is enough when it shows one. When it shows more, all callers wait until all objects can be
 * seen; those whose object is not the oldest delete their own. If a younger object is still there then, its caller
 * returned it before it could see this one, and this one is deleted. An object that was only looked up after a lost answer, or
 * that is not among the equal ones, may belong to another caller, so it is never deleted.
 */
async function keepOne(call: CheckedCall, raw: unknown): Promise<Made> {
  const { operation, coriolis, retry } = call;
  const { resource } = operation;
  const idOf = (one: unknown): string =>
    retry.idOf?.(one) ?? String((one as { readonly id?: unknown } | undefined)?.id);
  const own = idOf(raw);
  const isAlone = (found: readonly unknown[]): boolean => found.every((one) => idOf(one) === own);
  const first = await equalObjects(call);
  if (isAlone(first)) return { raw, existed: false };
  if (coriolis.client.isGuess(own) || !first.some((one) => idOf(one) === own)) {
    return await settled(
      call,
      new UncertainError(
        `The answer to the creation of a ${resource} was lost, and several equal ones exist: ${own} may be the one that was created`,
        {
          advice: `Look at each ${resource} of these settings before you repeat it, and delete all but one.`,
        },
      ),
    );
  }

  await coriolis.sleep(VISIBLE_AFTER_MS, coriolis.signal);
  let found = await equalObjects(call);
  if (idOf(found[0]) === own && !isAlone(found)) {
    const seen = new Set(found.map(idOf));
    await coriolis.sleep(WITHDRAWN_AFTER_MS, coriolis.signal);
    // Callers of later objects have seen this one, and withdraw their own.
    found = (await equalObjects(call)).filter((one) => seen.has(idOf(one)));
  }
  if (isAlone(found)) return { raw, existed: false };
  const kept = found.find((one) => idOf(one) !== own);
  const failure = await withdraw(call, raw);
  if (failure === undefined) {
    const others = async () => (await equalObjects(call)).filter((one) => idOf(one) !== own);
    let left = await others();
    if (left.length > 1) {
      // The caller of the oldest one deletes it when the caller of a younger one does not.
      await coriolis.sleep(VISIBLE_AFTER_MS + WITHDRAWN_AFTER_MS, coriolis.signal);
      left = await others();
    }
    // Its caller may have deleted it in the same moment.
    const [stays] = left;
    return stays === undefined ? { raw: await create(call), existed: false } : { raw: stays, existed: true };
  }
  throw new ConflictError(
    `Somebody created the same ${resource} at the same moment: ${idOf(kept)} stays, and ${own} could not be deleted (${failure.message}).`,
    { advice: `Delete ${resource} ${own}; use ${idOf(kept)}.`, cause: failure },
  );
}

/** Maximum number of attempts to delete an object. */
const WITHDRAWALS = 3;

/** Deletes an object of this call; returns the error when that failed. */
async function withdraw({ coriolis, input, retry }: CheckedCall, raw: unknown): Promise<Error | undefined> {
  let failure: Error | undefined;
  for (let attempt = 1; attempt <= WITHDRAWALS; attempt += 1) {
    failure = await retry.withdraw?.(coriolis, raw, input).then(() => undefined, asError);
    if (failure === undefined || failure instanceof NotFoundError) return undefined;
    if (!(failure instanceof UncertainError || failure instanceof UnreachableError)) break;
  }
  return failure;
}
