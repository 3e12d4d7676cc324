import { isObject, isSameJson, type JsonObject } from './json';

/**
 * Whether an object of the server has the settings that a request asks for. An empty value equals a missing one. A
 * setting that the object has no key for counts as equal, because that server's release does not store it.
 */
export const matchesSettings = (object: object, wanted: JsonObject): boolean =>
  matchesChanges(object, Object.fromEntries(Object.entries(wanted).filter(([name]) => name in object)));

/**
 * Whether an object of the server already has the values of a change. An empty value equals a missing one.
 *
 * @param options.merges true when the server merges objects key by key. False: it replaces them as a whole
 */
export const matchesChanges = (
  object: object,
  changes: JsonObject,
  { merges = false }: { readonly merges?: boolean } = {},
): boolean =>
  Object.entries(changes).every(([name, wanted]) => {
    const held = (object as JsonObject)[name];
    return merges && isObject(wanted) && isObject(held)
      ? matchesChanges(held, wanted)
      : isSameJson(orNull(held), orNull(wanted));
  });

function orNull(value: unknown): unknown {
  const isEmpty = isObject(value) ? Object.keys(value).length === 0 : ['', undefined].includes(value as '');
  return isEmpty || (Array.isArray(value) && value.length === 0) ? null : value;
}
