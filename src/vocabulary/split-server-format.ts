import { isObject } from '../model/json';
import type { AnyField, Fields } from './field';
import { ValueProblem, readObject } from './parse-values';

type Given = Readonly<Record<string, unknown>>;

/**
 * Divides an input in the server's own format among the fields that take its parts. An example is `{default,
 * backend_mappings, disk_mappings}` given for the storage mappings (docs/reference/coriolis-api.md §11.2).
 * @returns the inputs by field name, with a `ValueProblem` instead of an ambiguous value
 */
export function splitServerFormat(fields: Fields, given: Given, spell: (name: string) => string): Given {
  const divided: Record<string, unknown> = { ...given };
  for (const [name, field] of Object.entries(fields)) {
    const parts = partsOf(field);
    const whole = parts === undefined ? undefined : objectIn(given[name]);
    if (parts === undefined || whole === undefined) continue;
    const keys = Object.keys(whole);
    const own = keys.filter((key) => Object.hasOwn(parts, key));
    if (own.length === 0) continue;
    const others = keys.filter((key) => !Object.hasOwn(parts, key));
    if (others.length > 0) {
      divided[name] = new ValueProblem(
        `has "${String(own[0])}" beside "${String(others[0])}": give ${own.map((key) => `${spell(String(parts[key]))} for "${key}"`).join(', ')}, or all in Coriolis' own keys (${Object.keys(parts).join(', ')})`,
      );
      continue;
    }
    divided[name] = undefined;
    for (const key of own) {
      const part = String(parts[key]);
      divided[part] =
        part !== name && given[part] !== undefined
          ? new ValueProblem(`is given twice: here, and as "${key}" of ${spell(name)}`)
          : whole[key];
    }
  }
  return divided;
}

const partsOf = (field: AnyField): Readonly<Record<string, string>> | undefined =>
  field.kind === 'map' ? field.parts : undefined;

function objectIn(given: unknown) {
  if (isObject(given)) return given;
  const read = typeof given === 'string' && given.trimStart().startsWith('{') ? readObject(given) : undefined;
  return isObject(read) && !(read instanceof ValueProblem) ? read : undefined;
}
