import { ConflictError, asError, isCoriolisError } from './api/errors';
import type { Coriolis } from './api/coriolis';
import type { SingleOperation } from './operation';

/**
 * Equal calls create one object: calls one after the other, at the same moment in one process, and at the same moment in
 * several processes. The server has no idempotency keys, so the object itself is looked up.
 */

/** Result of a call, and whether another call had created the object. */
interface Made {
  readonly raw: unknown;
  readonly existed: boolean;
}

/** Calls of this process that are creating something, by client and by call. */
const inFlight = new WeakMap<object, Map<string, Promise<Made>>>();

/** Time until an object that a simultaneous call creates can be seen by all, including the server's whole seconds. */
const VISIBLE_AFTER_MS = 3000;
/** Time until callers whose object is not the oldest have deleted it. */
const WITHDRAWN_AFTER_MS = 10_000;

type Input = Parameters<SingleOperation['run']>[1];

/**
 * Runs an operation, unless an equal call created its object already or creates it now.
 *
 * @param isRecent whether a `created_at` of the server is young enough for an equal call
 * @throws {ConflictError} a simultaneous call created an equal object, and the one of this call could not be deleted
 */
export async function runOnce(
  operation: SingleOperation,
  coriolis: Coriolis,
  input: Input,
  isRecent: (createdAt: string) => boolean,
): Promise<Made> {
  if (operation.retry === undefined) return { raw: await operation.run(coriolis, input), existed: false };
  const calls = inFlight.get(coriolis.client) ?? new Map<string, Promise<Made>>();
  inFlight.set(coriolis.client, calls);
  const call = `${operation.resource}.${operation.name} ${canonical(input)}`;
  const other = calls.get(call);
  if (other !== undefined) {
    const shared = await other.then((made) => made, asError);
    if (!(shared instanceof Error)) return { raw: shared.raw, existed: true };
    // The other caller gave up. That is no answer for this one.
    const isCanceled = isCoriolisError(shared) && shared.kind === 'canceled';
    if (!isCanceled || coriolis.signal?.aborted === true) throw shared;
    return await runOnce(operation, coriolis, input, isRecent);
  }
  const made = make(operation, coriolis, input, isRecent).finally(() => calls.delete(call));
  calls.set(call, made);
  return await made;
}

async function make(
  operation: SingleOperation,
  coriolis: Coriolis,
  input: Input,
  isRecent: (createdAt: string) => boolean,
): Promise<Made> {
  const [existing] = (await operation.retry?.findDuplicates(coriolis, input, isRecent)) ?? [];
  if (existing !== undefined) return { raw: existing, existed: true };
  const raw = await operation.run(coriolis, input);
  return operation.retry?.withdraw === undefined
    ? { raw, existed: false }
    : await keepOne(operation, coriolis, input, raw);
}

/**
 * Agrees with simultaneous callers in other processes on the oldest object. Of two callers the later one sees both objects, so
 * a look right after the creation is enough when it shows one. When it shows more, all callers wait until all objects can be
 * seen; those whose object is not the oldest delete their own. If a younger object is still there then, its caller
 * returned it before it could see this one, and this one is deleted.
 */
async function keepOne(
  operation: SingleOperation,
  coriolis: Coriolis,
  input: Input,
  raw: unknown,
): Promise<Made> {
  const { resource, retry } = operation;
  const own = idOf(raw);
  const isRecent = coriolis.client.createdWithin(60_000);
  const equal = async () => (await retry?.findDuplicates(coriolis, input, isRecent)) ?? [];
  const isAlone = (found: readonly unknown[]): boolean => found.every((one) => idOf(one) === own);
  if (isAlone(await equal())) return { raw, existed: false };

  await coriolis.sleep(VISIBLE_AFTER_MS, coriolis.signal);
  let found = await equal();
  if (idOf(found[0]) === own && !isAlone(found)) {
    await coriolis.sleep(WITHDRAWN_AFTER_MS, coriolis.signal);
    found = await equal();
  }
  if (isAlone(found)) return { raw, existed: false };
  const kept = found.find((one) => idOf(one) !== own);
  const failure = await retry?.withdraw?.(coriolis, raw, input).then(() => undefined, asError);
  if (failure === undefined) {
    // Its caller may have deleted it in the same moment.
    const [stays] = await equal();
    return stays === undefined
      ? { raw: await operation.run(coriolis, input), existed: false }
      : { raw: stays, existed: true };
  }
  throw new ConflictError(
    `Somebody created the same ${resource} at the same moment: ${idOf(kept)} stays, and ${own} could not be deleted (${failure.message}).`,
    { advice: `Delete ${resource} ${own}; use ${idOf(kept)}.`, cause: failure },
  );
}

const idOf = (raw: unknown): string => String((raw as { readonly id?: unknown } | undefined)?.id);

/** JSON of a value with sorted keys, so that equal inputs have equal texts. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  );
