import { isObject } from '../../src/model/json';
import type { Fields } from '../../src/vocabulary/field';

/** Functions that collect names of objects by id, so that errors can show names instead of ids. */

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu;

/**
 * Names of the objects that were chosen from lists, by id. The editor stores the text of the entry beside the id: "Web
 * server (COMPLETED)".
 * @param parameterOf reads the parameter of a field
 */
export function readChosenNames(
  fields: Fields,
  parameterOf: (name: string) => unknown,
): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const [name, { kind }] of Object.entries(fields)) {
    const parameter = kind === 'reference' ? parameterOf(name) : undefined;
    if (!isObject(parameter)) continue;
    const { value, cachedResultName: entry } = parameter;
    if (typeof value === 'string' && uuid.test(value) && typeof entry === 'string' && entry !== '')
      names.set(value, entry.replace(/ \([^()]*\)$/u, ''));
  }
  return names;
}

/** Names that were given instead of ids, by the id they were resolved to. */
export function collectResolvedNames(
  given: Readonly<Record<string, unknown>>,
  resolved: Readonly<Record<string, unknown>>,
): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const [field, value] of Object.entries(resolved)) {
    const [ids, written] = [value, given[field]].map((one) =>
      Array.isArray(one) ? (one as unknown[]) : [one],
    );
    ids?.forEach((id, index) => {
      const name = written?.[index];
      if (typeof id === 'string' && uuid.test(id) && typeof name === 'string' && name !== id)
        names.set(id, name);
    });
  }
  return names;
}
