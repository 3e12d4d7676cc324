import { InvalidInputError, NotFoundError } from '../api/errors';
import type { Coriolis } from '../api/coriolis';
import { isObject } from '../model/json';
import { toWords } from '../model/names';
import type { AnyField, Fields, InputOf, ReferableResource } from '../vocabulary/field';
import type { Spelling } from '../vocabulary/input';
import { lookups, type Candidate } from './choices';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/iu;

/**
 * Resolves exact names to ids in the fields that accept names (docs/reference/cli-parity.md G-NAME). An id costs no
 * request, a name costs one list. Operations declare a parent field before the fields within it, so parents are
 * resolved first.
 *
 * @throws {InvalidInputError} several objects have the name: all are listed
 * @throws {NotFoundError} none has it: similar ones are listed
 */
export async function resolveReferences<F extends Fields>(
  fields: F,
  coriolis: Coriolis,
  input: InputOf<F>,
  spell: Spelling,
): Promise<InputOf<F>> {
  const resolved: Record<string, unknown> = { ...input };
  for (const [name, field] of Object.entries(fields)) {
    const value = resolved[name];
    const target = targetOf(field);
    if (value === undefined || target === undefined || !lookups[target.resource].byName) continue;
    const within = target.within === undefined ? '' : String(resolved[target.within] ?? '');
    const toId = async (given: unknown): Promise<unknown> =>
      typeof given !== 'string' || uuid.test(given) || (target.removable && given.trim() === 'none')
        ? given
        : await idOf(
            lookups[target.resource].candidates(coriolis, within, given),
            given,
            target.resource,
            spell(name),
          );
    resolved[name] = await each(value, toId);
  }
  return resolved as InputOf<F>;
}

interface Target {
  readonly resource: ReferableResource;
  readonly within?: string | undefined;
  readonly removable?: boolean | undefined;
}

/** The kind of object whose ids a field holds; undefined when it holds none. */
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

/** Applies a change to a value, to each entry of a list or to each value of a map, in sequence. */
async function each(value: unknown, change: (one: unknown) => Promise<unknown>): Promise<unknown> {
  if (Array.isArray(value)) {
    const changed: unknown[] = [];
    for (const one of value as unknown[]) changed.push(await change(one));
    return changed;
  }
  if (!isObject(value)) return await change(value);
  const changed = new Map<string, unknown>();
  for (const [key, one] of Object.entries(value)) changed.set(key, await change(one));
  return Object.fromEntries(changed);
}

/** Maximum number of candidates in an error. */
const SHOWN = 5;

/** Trims a name and converts it to NFC, because neither difference is visible. */
const plain = (name: string): string => name.trim().normalize('NFC');

async function idOf(
  candidates: AsyncIterable<Candidate>,
  given: string,
  resource: ReferableResource,
  field: string,
): Promise<string> {
  const word = toWords(resource);
  const named: Candidate[] = [];
  const alike: Candidate[] = [];
  const similar: Candidate[] = [];
  const wanted = plain(given);
  const isSimilar = (name: string): boolean => name.toLowerCase().includes(given.toLowerCase());
  for await (const candidate of candidates) {
    const aliases = candidate.aliases ?? [];
    if (candidate.value === given) return given;
    if (candidate.name === given) named.push(candidate);
    else if ([candidate.name, ...aliases].some((name) => plain(name) === wanted)) alike.push(candidate);
    else if (similar.length < SHOWN && [candidate.name, ...aliases].some(isSimilar)) similar.push(candidate);
  }
  const exact = named.length > 0 ? named : alike;
  const only = exact[0];
  if (only !== undefined && exact.length === 1) return only.value;
  if (only !== undefined) {
    throw new InvalidInputError(
      `${field}: ${exact.length} ${word}s are named "${given}": ${listed(exact.slice(0, SHOWN))}.`,
      { field, advice: 'Names are not unique in Coriolis: give the id of the one you mean.' },
    );
  }
  throw new NotFoundError(`${field}: no ${word} has the id or the exact name "${given}".`, {
    advice:
      similar.length === 0
        ? `List the ${word}s to see what there is in this project.`
        : `Similar names: ${listed(similar)}.`,
  });
}

const listed = (candidates: readonly Candidate[]): string =>
  candidates
    .map(({ value, name, detail }) => `"${name}" (${detail === '' ? '' : `${detail}, `}id ${value})`)
    .join('; ');
