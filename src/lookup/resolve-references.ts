import { mapConcurrently } from '../api/map-concurrently';
import { InvalidInputError, NotFoundError } from '../api/errors';
import type { Coriolis } from '../api/operation-context';
import { isObject } from '../model/json';
import { toWords } from '../model/display-texts';
import type { AnyField, Fields, InputOf, ReferableResource } from '../vocabulary/field';
import type { FieldNameSpelling } from '../vocabulary/read-input';
import type { Candidate } from './candidate';
import { getNameDirectory, NameBatch } from './name-directory';
import { fetchCandidatesByIds, canBeGivenByName, type NamedResource } from './name-lookup-lists';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/iu;

/**
 * Replaces exact names by ids in the fields that accept names (docs/reference/cli-parity.md G-NAME). A UUID counts as
 * an id and costs no request. The names of a batch are looked up together. Operations declare a parent field before the
 * fields within it, so parents are resolved first.
 * @throws {InvalidInputError} several objects have the name; the message lists them
 * @throws {NotFoundError} no object has the name; the advice lists similar ones
 */
export async function resolveReferences<F extends Fields>(
  fields: F,
  coriolis: Coriolis,
  input: InputOf<F>,
  spell: FieldNameSpelling,
  batch = new NameBatch(),
): Promise<InputOf<F>> {
  const resolved: Record<string, unknown> = { ...input };
  for (const [name, field] of Object.entries(fields)) {
    const value = resolved[name];
    const { resource, removable } = targetOf(field) ?? {};
    if (value === undefined || resource === undefined || !canBeGivenByName(resource)) continue;
    resolved[name] = await each(value, async (given) =>
      typeof given !== 'string' || uuid.test(given) || (removable === true && given.trim() === 'none')
        ? given
        : await idOf(coriolis, resource, given, batch, spell(name)),
    );
  }
  return resolved as InputOf<F>;
}

interface Target {
  readonly resource: ReferableResource;
  readonly removable?: boolean | undefined;
}

/** Kind of object whose ids a field holds; undefined when the field holds no ids. */
function targetOf(field: AnyField): Target | undefined {
  switch (field.kind) {
    case 'reference':
      return field;
    case 'list':
      return field.of;
    case 'map':
      return field.of === undefined ? undefined : { resource: field.of };
    default:
      return undefined;
  }
}

const CONCURRENCY = 8;

/** Applies `change` to a value, to each entry of a list or to each value of a map. */
async function each(value: unknown, change: (one: unknown) => Promise<unknown>): Promise<unknown> {
  if (Array.isArray(value)) return await mapConcurrently(value as readonly unknown[], CONCURRENCY, change);
  if (!isObject(value)) return await change(value);
  const changed = await mapConcurrently(
    Object.entries(value),
    CONCURRENCY,
    async ([key, one]) => [key, await change(one)] as const,
  );
  return Object.fromEntries(changed);
}

/** Maximum number of candidates that an error lists. */
const MAX_LISTED_CANDIDATES = 5;

async function idOf(
  coriolis: Coriolis,
  resource: NamedResource,
  given: string,
  batch: NameBatch,
  field: string,
): Promise<string> {
  const names = getNameDirectory(coriolis, resource);
  const ids = await names.find(coriolis, given, batch);
  const [only] = ids;
  if (only !== undefined && ids.length === 1) return only;
  const word = toWords(resource);
  const shown = await fetchCandidatesByIds(
    coriolis,
    resource,
    only === undefined ? names.similar(given, MAX_LISTED_CANDIDATES) : ids.slice(0, MAX_LISTED_CANDIDATES),
  );
  if (only !== undefined) {
    throw new InvalidInputError(`${field}: ${ids.length} ${word}s are named "${given}": ${listed(shown)}.`, {
      field,
      advice: 'Names are not unique in Coriolis: give the id of the one you mean.',
    });
  }
  throw new NotFoundError(`${field}: no ${word} has the id or the exact name "${given}".`, {
    advice:
      shown.length === 0
        ? `List the ${word}s to see what there is in this project.`
        : `Similar names: ${listed(shown)}.`,
  });
}

const listed = (candidates: readonly Candidate[]): string =>
  candidates
    .map(({ value, name, detail }) => `"${name}" (${detail === '' ? '' : `${detail}, `}id ${value})`)
    .join('; ');
