import { asError, CanceledError, ConflictError, InvalidInputError, isCoriolisError } from './api/errors';
import { mapConcurrently } from './api/map-concurrently';
import type { Coriolis } from './api/operation-context';
import {
  resolveListedTransfers,
  TRANSFER_IDS_INPUT,
  makeTransferIdsField,
  type NamedTransfer,
} from './lookup/transfer-ids-input';
import { omitKeys, type JsonObject } from './model/json';
import { formatCount } from './model/display-texts';
import { redact } from './model/redact-object';
import { quoteText, truncate } from './model/untrusted-text';
import type { Effect, BulkSettings, SingleOperation } from './operation';
import { checkCall, PreparedCall, resolveNames } from './prepared-call';
import type { Fields, InputOf } from './vocabulary/field';
import { spellFieldNameAsInCatalogue, readInput, type FieldNameSpelling } from './vocabulary/read-input';
import type { NextCall } from './vocabulary/next-call';
import type { Preview } from './vocabulary/preview';

/** An operation that can be called for several transfers at once. */
export type BulkOperation = SingleOperation & { readonly bulk: BulkSettings };

/** Whether an operation can be called for several transfers at once. */
export const isBulkOperation = (operation: SingleOperation): operation is BulkOperation =>
  operation.bulk !== undefined;

/**
 * Outcome for one transfer of the call:
 * - `done`: this call started or created the object;
 * - `running`, `exists`: the object of an earlier call is returned;
 * - `refused`: the preview predicted that the server would refuse, so nothing was sent;
 * - `uncertain`: the answer was lost, so the change may or may not have happened;
 * - `failed`: the call failed.
 */
export type BulkOutcome = 'done' | 'running' | 'exists' | 'refused' | 'uncertain' | 'failed';

/** Row of one transfer in the result. It also has the keys that `BulkSettings.row` picks from the single result. */
export interface BulkRow extends JsonObject {
  readonly transfer_id: string;
  /** Notes of the transfer, else its machines; null when there is no such transfer. */
  readonly name: string | null;
  readonly outcome: BulkOutcome;
  /** Reason of a refusal, a failure or an uncertain outcome. */
  readonly error?: string;
}

/** Keys of a row without the id and name of its transfer. */
type RowOutcome = JsonObject & { readonly outcome: BulkOutcome };

/** Result of a call for several transfers: one row for each, or the combined result of `BulkSettings.all`. */
export interface BulkResult extends JsonObject {
  readonly rows?: readonly BulkRow[];
}

/** Result of a call for several transfers, with its headline and the suggested next calls. */
export interface BulkCallResult {
  readonly result: BulkResult;
  readonly headline: string;
  readonly next: readonly NextCall[];
}

/** Maximum number of transfers handled at a time: each costs several requests, and a worker runs few tasks at once. */
const CONCURRENCY = 4;
/** Maximum number of characters of a line in the preview. */
const LINE_LENGTH = 260;
/** Maximum number of characters of an error in a row. */
const ERROR_LENGTH = 200;
/** Placeholder for the id of the transfer while the other inputs are checked. */
const ANY_ID = '00000000-0000-4000-8000-000000000000';

/**
 * Checks a call for several transfers and finds the transfers.
 *
 * @param others additional accepted input names
 * @throws {InvalidInputError} wrong input, too many or no transfers; nothing was changed
 */
export async function prepareBulkCall(
  operation: BulkOperation,
  coriolis: Coriolis,
  given: JsonObject,
  spell: FieldNameSpelling = spellFieldNameAsInCatalogue,
  others: readonly string[] = [],
): Promise<PreparedBulkCall> {
  const single = 'transferId';
  if ((given[single] ?? '') !== '') {
    throw new InvalidInputError(`Give either ${spell(single)} or ${spell(TRANSFER_IDS_INPUT)}, not both.`, {
      field: spell(TRANSFER_IDS_INPUT),
    });
  }
  const { maximum } = operation.bulk;
  const field = { [TRANSFER_IDS_INPUT]: makeTransferIdsField(maximum) };
  const { [TRANSFER_IDS_INPUT]: named } = readInput(
    field,
    { [TRANSFER_IDS_INPUT]: given[TRANSFER_IDS_INPUT] },
    spell,
  );
  const rest = omitKeys(given, TRANSFER_IDS_INPUT, single);
  const checked = checkCall(operation, { ...rest, [single]: ANY_ID }, spell, others);
  const { input } = await resolveNames(checked, coriolis);
  return new PreparedBulkCall(
    operation,
    coriolis,
    await resolveListedTransfers(coriolis, named, maximum, spell),
    input,
  );
}

/** A call for several transfers, with its input checked and its names resolved to ids. */
export class PreparedBulkCall {
  private readonly calls: ReadonlyArray<NamedTransfer & { readonly call: PreparedCall }>;
  /** Reasons of the transfers that the last preview refused, by transfer id. `run` sends nothing for them. */
  private refusals: ReadonlyMap<string, string> = new Map();

  constructor(
    readonly operation: BulkOperation,
    private readonly coriolis: Coriolis,
    transfers: readonly NamedTransfer[],
    private readonly common: InputOf<Fields>,
  ) {
    this.calls = transfers.map((transfer) => ({
      ...transfer,
      call: new PreparedCall(operation, coriolis, { ...common, transferId: transfer.id }),
    }));
  }

  get effect(): Effect {
    return this.calls[0]?.call.effect ?? this.operation.effect;
  }

  /** The input with ids instead of names, for confirmations and audit records. */
  get input(): JsonObject {
    return { ...omitKeys(this.common, 'transferId'), [TRANSFER_IDS_INPUT]: this.calls.map(({ id }) => id) };
  }

  /**
   * One preview for all transfers; undefined when the operation has no preview. Transfers whose call would be refused
   * are named as left out, and `run` then skips them. Reads only.
   */
  async preview(): Promise<Preview | undefined> {
    if (this.operation.preview === undefined) return undefined;
    const previews = await mapConcurrently(this.calls, CONCURRENCY, async ({ id, name, call }) => ({
      id,
      name: name ?? id,
      ...(await previewOrRefusal(call)),
    }));
    this.refusals = new Map(
      previews.flatMap(({ id, refusal }) => (refusal === undefined ? [] : [[id, refusal] as const])),
    );
    const left = previews.filter(({ refusal }) => refusal === undefined);
    const subjects = left.flatMap(({ preview }) => preview?.subject ?? []);
    return {
      subject: {
        id: left.map(({ id }) => id).join(' '),
        name: formatCount(left.length, 'transfer'),
        status: [...new Set(subjects.map(({ status }) => status))].join(', '),
        changed:
          subjects
            .map(({ changed }) => changed)
            .sort()
            .at(-1) ?? '',
      },
      consequences: [
        ...left.map(({ name, preview }) =>
          truncate(`${quoteText(name, 60)}: ${(preview?.consequences ?? []).join(' ')}`, LINE_LENGTH),
        ),
        ...previews.flatMap(({ name, refusal }) =>
          refusal === undefined
            ? []
            : [truncate(`Left out: ${quoteText(name, 60)}: ${refusal}.`, LINE_LENGTH)],
        ),
      ],
      ...(left.length > 0
        ? {}
        : { refusal: `each of them is refused: ${[...this.refusals.values()][0] ?? ''}` }),
    };
  }

  /** Runs the operation for each transfer, a few at a time. A failure fills only the row of its own transfer. */
  async run(): Promise<BulkCallResult> {
    const { runForAll } = this.operation.bulk;
    if (runForAll !== undefined) {
      const { result, headline } = await runForAll(
        this.coriolis,
        this.calls.map(({ id }) => id),
        this.common,
      );
      return { result: redact(result) as JsonObject, headline, next: [] };
    }
    const rows = await mapConcurrently(
      this.calls,
      CONCURRENCY,
      async ({ id, name, call }): Promise<BulkRow> => ({
        transfer_id: id,
        name,
        ...(await this.rowOf(id, call)),
      }),
    );
    return { result: { rows }, headline: headlineOf(rows), next: this.nextOf(rows) };
  }

  private async rowOf(id: string, call: PreparedCall): Promise<RowOutcome> {
    const refusal = this.refusals.get(id);
    if (refusal !== undefined) return { outcome: 'refused', error: quoteText(refusal, ERROR_LENGTH) };
    try {
      const [result, existed] = await call.runOnce();
      const already = this.operation.deduplication === undefined ? 'running' : 'exists';
      return { outcome: existed ? already : 'done', ...this.shown(result) };
    } catch (error) {
      if (error instanceof CanceledError || !isCoriolisError(error)) throw asError(error);
      const running = error instanceof ConflictError ? await inFlight(call) : undefined;
      if (running !== undefined) return { outcome: 'running', ...this.shown(running), ...stallOf(running) };
      return {
        outcome: error.kind === 'uncertain' ? 'uncertain' : 'failed',
        error: quoteText(error.message, ERROR_LENGTH),
      };
    }
  }

  private shown(result: JsonObject): JsonObject {
    return Object.fromEntries(this.operation.bulk.rowKeys.map((name) => [name, result[name]]));
  }

  private nextOf(rows: readonly BulkRow[]): readonly NextCall[] {
    const begun = rows.filter(({ outcome }) => ['done', 'running', 'exists'].includes(outcome));
    return begun.length === 0 ? [] : (this.operation.bulk.next?.(begun as never) ?? []);
  }
}

async function previewOrRefusal(
  call: PreparedCall,
): Promise<{ readonly preview?: Preview | undefined; readonly refusal?: string | undefined }> {
  try {
    const preview = await call.preview();
    return { preview, refusal: preview?.refusal };
  } catch (error) {
    if (error instanceof CanceledError || !isCoriolisError(error)) throw asError(error);
    return { refusal: error.message.replace(/\.$/u, '') };
  }
}

/** The running job because of which the server refused a call; undefined when none is found or the search fails. */
async function inFlight(call: PreparedCall): Promise<JsonObject | undefined> {
  try {
    return await call.findRunning();
  } catch (error) {
    if (error instanceof CanceledError || !isCoriolisError(error)) throw asError(error);
    return undefined;
  }
}

/** Facts about the stall of a running job, for its row; none when it makes progress. */
const stallOf = ({ stalled_seconds, last_progress_at }: JsonObject): JsonObject =>
  stalled_seconds === undefined ? {} : { stalled_seconds, last_progress_at };

/** Counts of outcomes: "18 done, 2 running, 1 failed; 1 of the running stalled: diagnose, wait or cancel". */
function headlineOf(rows: readonly BulkRow[]): string {
  const counts = new Map<string, number>();
  for (const { outcome } of rows) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  const outcomes = [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
  const stalled = rows.filter((row) => 'stalled_seconds' in row).length;
  return stalled === 0
    ? outcomes
    : `${outcomes}; ${stalled} of the running stalled: diagnose, wait or cancel`;
}
