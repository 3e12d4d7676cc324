import type { Coriolis } from './api/coriolis';
import type { Fields, InputOf } from './vocabulary/field';
import type { JsonObject } from './model/json';
import { readInput, type Spelling } from './vocabulary/input';
import { resolveReferences } from './lookup/lookup';
import { redact } from './model/redact';
import { completion } from './waiting/completion';
import type { WaitOptions } from './waiting/wait';
import type { ListOperation, SingleOperation } from './operation';
import type { Preview } from './vocabulary/preview';
import type { Window } from './vocabulary/window';

/** How much of an object a caller wants: the keys that matter, or all that the server sent, secrets removed. */
export type Detail = 'summary' | 'full';

export interface CallOptions {
  readonly detail: Detail;
  readonly spell: Spelling;
  /**
   * Whether to take what an equal call made before, however long ago, instead of making another, for operations whose work
   * lasts; the result then says which of both happened, in `already_exists`.
   */
  readonly reuse?: boolean;
}

/** How long to wait for work, and how long without news of it. */
export type WaitLimits = Pick<WaitOptions, 'timeoutSeconds' | 'stallSeconds'>;

/** A row, and where a later window begins when this was the last one. */
export interface PositionedRow {
  readonly row: JsonObject;
  readonly position: string;
}

/**
 * What every face does with an operation: check the input, turn names into ids, run, show. Nothing leaves `src/` except
 * through here, and so through `redact`.
 *
 * @throws {InvalidInputError} before anything was sent
 */
export async function perform(
  operation: SingleOperation,
  coriolis: Coriolis,
  given: Readonly<Record<string, unknown>>,
  manner: CallOptions,
): Promise<JsonObject> {
  const input = await prepare(operation.input, coriolis, given, manner.spell);
  return (await begin(operation, coriolis, input, manner)).shown;
}

/**
 * As `perform`, but until the work that the operation starts has completed: its result with the end's outcome, duration and
 * the like. What starts no work ends at once.
 *
 * @throws {TimeoutError} time is up, or nothing changed for too long; the work goes on
 * @throws {OutcomeError} the work failed, was canceled or was deleted
 */
export async function performToEnd(
  operation: SingleOperation,
  coriolis: Coriolis,
  given: Readonly<Record<string, unknown>>,
  patience: WaitLimits,
  manner: CallOptions,
): Promise<JsonObject> {
  const input = await prepare(operation.input, coriolis, given, manner.spell);
  const { raw, shown } = await begin(operation, coriolis, input, manner);
  const work = operation.completion?.target(raw, input);
  if (work === undefined) return shown;
  const end = redact(await completion(coriolis, work, patience)) as JsonObject;
  const after = await operation.completion?.reload(coriolis, raw);
  const asItIs = show(operation, after, manner.detail);
  // What it is comes before how it ended, in tables too.
  return { ...asItIs, ...end, ...asItIs };
}

/** Runs an operation, or finds what it would make. */
async function begin(
  operation: SingleOperation,
  coriolis: Coriolis,
  input: InputOf<Fields>,
  { detail, reuse = false }: CallOptions,
): Promise<{ readonly raw: unknown; readonly shown: JsonObject }> {
  if (!reuse || operation.retry?.durable !== true) {
    const raw = await operation.run(coriolis, input);
    return { raw, shown: show(operation, raw, detail) };
  }
  const before = await operation.retry.findDuplicate(coriolis, input, () => true);
  const raw = before ?? (await operation.run(coriolis, input));
  return { raw, shown: { ...show(operation, raw, detail), already_exists: before !== undefined } };
}

/** As `perform`, for an operation with rows; they arrive as the server's pages do, so memory stays flat. */
export async function* performList(
  operation: ListOperation,
  coriolis: Coriolis,
  given: Readonly<Record<string, unknown>>,
  window: Window,
  { detail, spell }: CallOptions,
): AsyncIterable<PositionedRow> {
  const input = await prepare(operation.input, coriolis, given, spell);
  let rows = 0;
  for await (const raw of operation.run(coriolis, input, window)) {
    if (window.limit !== undefined && rows >= window.limit) return;
    rows += 1;
    yield { row: show(operation, raw, detail), position: operation.position(raw) };
  }
}

/** What a destructive operation would do; undefined when the operation has nothing to show. Reads only. */
export async function previewOf(
  operation: SingleOperation,
  coriolis: Coriolis,
  given: Readonly<Record<string, unknown>>,
  spell: Spelling,
): Promise<Preview | undefined> {
  const preview = await operation.preview?.(coriolis, await prepare(operation.input, coriolis, given, spell));
  return preview && (redact(preview) as Preview);
}

/** What already does what a refused call asked for, shown as its result would be; undefined when nothing does. Reads only. */
export async function underwayOf(
  operation: SingleOperation,
  coriolis: Coriolis,
  given: Readonly<Record<string, unknown>>,
  { detail, spell }: CallOptions,
): Promise<JsonObject | undefined> {
  const input = await prepare(operation.input, coriolis, given, spell);
  const raw = await operation.findInFlight?.(coriolis, input);
  return raw === undefined ? undefined : show(operation, raw, detail);
}

/** How long ago an equal call was made that counts as the same one. */
const LATELY_MS = 10 * 60_000;

/**
 * What an equal call made within the last ten minutes, shown as its result would be; undefined when there is none, or when
 * repeating it does no harm. Reads only.
 */
export async function findDuplicate(
  operation: SingleOperation,
  coriolis: Coriolis,
  given: Readonly<Record<string, unknown>>,
  { detail, spell }: CallOptions,
): Promise<JsonObject | undefined> {
  if (operation.retry === undefined) return undefined;
  const input = await prepare(operation.input, coriolis, given, spell);
  const raw = await operation.retry.findDuplicate(coriolis, input, coriolis.client.createdWithin(LATELY_MS));
  return raw === undefined ? undefined : show(operation, raw, detail);
}

/** Checked values with names resolved to ids. */
export async function prepare<F extends Fields>(
  fields: F,
  coriolis: Coriolis,
  given: Readonly<Record<string, unknown>>,
  spell: Spelling,
): Promise<InputOf<F>> {
  return await resolveReferences(fields, coriolis, readInput(fields, given, spell), spell);
}

function show(operation: SingleOperation | ListOperation, raw: unknown, detail: Detail): JsonObject {
  return redact(detail === 'full' ? raw : operation.output.of(raw)) as JsonObject;
}
