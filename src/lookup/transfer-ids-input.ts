import type { Coriolis } from '../api/operation-context';
import { mapConcurrently } from '../api/map-concurrently';
import { InvalidInputError } from '../api/errors';
import { displayNameOf } from '../model/display-texts';
import type { Transfer } from '../model/api-objects';
import { quoteText } from '../model/untrusted-text';
import { fetchOptional, fetchPaged } from '../requests/object-requests';
import { list } from '../vocabulary/field-constructors';
import type { Field } from '../vocabulary/field';
import type { FieldNameSpelling } from '../vocabulary/read-input';
import { resolveReferences } from './resolve-references';

/** Name of the input that takes several transfers instead of one. */
export const TRANSFER_IDS_INPUT = 'transferIds';

/** Makes the field of {@link TRANSFER_IDS_INPUT}, for at most `maximum` transfers. */
export const makeTransferIdsField = (maximum: number): Field<readonly string[]> =>
  list('Transfers (Replicas)', 'Several transfers instead; #word means all with this word in their notes.', {
    of: { resource: 'transfer' },
    maximum,
  });

/** One of the transfers that a call names, with its display name. */
export interface NamedTransfer {
  readonly id: string;
  /** Display name: the notes, else the machines. Null for a transfer that does not exist. */
  readonly name: string | null;
}

const CONCURRENCY = 8;
const PAGE = 1000;
const NAME_LENGTH = 60;

/** Display name of a transfer, short enough for a row. */
export const shortNameOf = (transfer: Transfer): string => quoteText(displayNameOf(transfer), NAME_LENGTH);

/** Whether notes contain a whole word, with or without a # before it, in upper or lower case. */
export function notesHaveWord(notes: string | null, word: string): boolean {
  const wanted = word.normalize('NFC').toLowerCase();
  const words = (notes ?? '')
    .normalize('NFC')
    .toLowerCase()
    .split(/[^\p{L}\p{N}_.:/-]+/u);
  return words.some((one) => one === wanted || one.replace(/[.:]+$/u, '') === wanted);
}

/**
 * Finds the transfers that a list names. An entry is an id, an exact name, or `#word` for all transfers with that word
 * in their notes. Each transfer is returned once: first those named, then those found by words.
 * @throws {InvalidInputError} no transfer has one of the words, or there are more than `maximum`
 * @throws {NotFoundError} no transfer has one of the names
 */
export async function resolveListedTransfers(
  coriolis: Coriolis,
  given: readonly string[],
  maximum: number,
  spell: FieldNameSpelling,
): Promise<readonly NamedTransfer[]> {
  const words = given.filter((one) => one.startsWith('#')).map((one) => one.slice(1));
  const others = given.filter((one) => !one.startsWith('#'));
  const ids = await resolveReferences(
    { [TRANSFER_IDS_INPUT]: makeTransferIdsField(maximum) },
    coriolis,
    { [TRANSFER_IDS_INPUT]: others },
    spell,
  );
  const found = new Map<string, string | null>();
  const named = await mapConcurrently([...new Set(ids[TRANSFER_IDS_INPUT])], CONCURRENCY, async (id) => {
    const transfer = await fetchOptional(coriolis, 'transfer', [id]);
    return [id, transfer === undefined ? null : shortNameOf(transfer)] as const;
  });
  for (const [id, name] of named) found.set(id, name);
  if (words.length > 0) await addByWords(coriolis, words, found, spell(TRANSFER_IDS_INPUT));
  if (found.size > maximum) {
    throw new InvalidInputError(
      `${spell(TRANSFER_IDS_INPUT)}: ${found.size} transfers are too many for one call.`,
      {
        field: spell(TRANSFER_IDS_INPUT),
        advice: `Give at most ${maximum}.`,
      },
    );
  }
  return [...found].map(([id, name]) => ({ id, name }));
}

async function addByWords(
  coriolis: Coriolis,
  words: readonly string[],
  found: Map<string, string | null>,
  field: string,
): Promise<void> {
  const missing = new Set(words);
  for await (const transfer of fetchPaged(coriolis, 'transfer', [], { pageSize: PAGE })) {
    const matching = words.filter((word) => notesHaveWord(transfer.notes, word));
    if (matching.length > 0) found.set(transfer.id, shortNameOf(transfer));
    for (const word of matching) missing.delete(word);
  }
  if (missing.size === 0) return;
  throw new InvalidInputError(
    `${field}: no transfer has the word ${[...missing].map((word) => `"${word}"`).join(' or ')} in its notes.`,
    { field, advice: 'List the transfers to see their notes.' },
  );
}
