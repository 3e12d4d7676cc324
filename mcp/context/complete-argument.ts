import type { CompleteResult } from '@modelcontextprotocol/server';
import type { Coriolis } from '../../src/api/operation-context';
import type { AnyField } from '../../src/vocabulary/field';
import { candidateLists } from '../../src/lookup/candidate-lists';
import { canBeGivenByName } from '../../src/lookup/name-lookup-lists';
import type { Candidate } from '../../src/lookup/candidate';
import { quoteText } from '../../src/model/untrusted-text';

/** Maximum number of suggestions. */
const MAX_VALUES = 20;
/** Maximum number of candidates that are compared with the typed text, newest first. */
const MAX_CANDIDATES = 1000;
/** Maximum length of a suggested name. */
const MAX_NAME_LENGTH = 80;
/** Maximum length of a suggested value. */
const MAX_VALUE_LENGTH = 500;

/**
 * Completes a typed text with names or ids of the server's objects. A name is suggested when it is unique, short and
 * has neither invisible characters nor secrets, else the id.
 *
 * @param within id of the parent object, for fields that need one
 */
export async function completeArgument(
  field: AnyField,
  typed: string,
  within: string,
  open: () => Promise<Coriolis>,
): Promise<CompleteResult> {
  if (field.kind === 'choice')
    return completionResult(
      field.choices.map(({ value }) => value).filter((value) => value.startsWith(typed)),
    );
  if (field.kind !== 'reference' || (field.within !== undefined && within === ''))
    return completionResult([]);
  const { resource } = field;
  const needle = typed.toLowerCase();
  const found: Candidate[] = [];
  let seen = 0;
  for await (const candidate of candidateLists[resource].candidates(await open(), within, typed)) {
    seen += 1;
    if ([candidate.name, candidate.value].some((text) => text.toLowerCase().includes(needle)))
      found.push(candidate);
    if (found.length >= MAX_VALUES || seen >= MAX_CANDIDATES) break;
  }
  return completionResult(
    found
      .map((candidate) =>
        canBeGivenByName(resource) && isUniqueSafeName(candidate, found) ? candidate.name : candidate.value,
      )
      // A value that is a name was chosen by users or guests: those with unsafe characters are left out.
      .filter((value) => quoteText(value, MAX_VALUE_LENGTH) === value),
  );
}

const isUniqueSafeName = ({ name }: Candidate, all: readonly Candidate[]): boolean =>
  name !== '' &&
  quoteText(name, MAX_NAME_LENGTH) === name &&
  all.filter((other) => other.name === name).length === 1;

const completionResult = (values: readonly string[]): CompleteResult => ({
  completion: { values: values.slice(0, MAX_VALUES), hasMore: values.length > MAX_VALUES },
});
