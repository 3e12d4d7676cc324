import type { CompleteResult } from '@modelcontextprotocol/server';
import type { Coriolis } from '../../src/api/coriolis';
import type { AnyField } from '../../src/vocabulary/field';
import { lookups } from '../../src/lookup/lookup';
import type { Candidate } from '../../src/lookup/lookup';
import { quote } from '../../src/model/untrusted';

/** As many as the protocol allows would be a wall; whoever wants another types one more letter. */
const MOST = 20;
/** So many of the newest are looked through. */
const LOOKED_THROUGH = 1000;
const LONGEST = 80;

/**
 * Values that complete what a person has typed, from live data: names where they can be typed and stand for one thing, else
 * ids. Names were written by others: one with anything invisible in it is not suggested.
 *
 * @param within the value of the parent, for what belongs to something
 */
export async function completions(
  field: AnyField,
  typed: string,
  within: string,
  open: () => Promise<Coriolis>,
): Promise<CompleteResult> {
  if (field.kind === 'choice')
    return shown(field.choices.map(({ value }) => value).filter((value) => value.startsWith(typed)));
  if (field.kind !== 'reference' || (field.within !== undefined && within === '')) return shown([]);
  const lookup = lookups[field.resource];
  const needle = typed.toLowerCase();
  const found: Candidate[] = [];
  let seen = 0;
  for await (const candidate of lookup.candidates(await open(), within, typed)) {
    seen += 1;
    if ([candidate.name, candidate.value].some((text) => text.toLowerCase().includes(needle)))
      found.push(candidate);
    if (found.length >= MOST || seen >= LOOKED_THROUGH) break;
  }
  return shown(
    found.map((candidate) => (lookup.byName && isPlain(candidate, found) ? candidate.name : candidate.value)),
  );
}

const isPlain = ({ name }: Candidate, all: readonly Candidate[]): boolean =>
  name !== '' && quote(name, LONGEST) === name && all.filter((other) => other.name === name).length === 1;

const shown = (values: readonly string[]): CompleteResult => ({
  completion: { values: values.slice(0, MOST), hasMore: values.length > MOST },
});
