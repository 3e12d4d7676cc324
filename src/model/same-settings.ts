import { isObject, sameJson } from './json';

/**
 * Whether a server's object already has every setting of a request. What is empty says the same as what is missing; a
 * setting that the object has no key for is one that its release does not keep.
 */
export const hasSettings = (held: object, wanted: Readonly<Record<string, unknown>>): boolean =>
  Object.entries(wanted).every(([name, value]) => {
    const kept: Readonly<Record<string, unknown>> = { ...held };
    return !(name in kept) || sameJson(orNull(kept[name]), orNull(value));
  });

function orNull(value: unknown): unknown {
  const isEmpty = isObject(value) ? Object.keys(value).length === 0 : ['', undefined].includes(value as '');
  return isEmpty || (Array.isArray(value) && value.length === 0) ? null : value;
}
