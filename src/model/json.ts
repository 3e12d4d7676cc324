/** A JSON object as the server sends or takes it. */
export type JsonObject = { readonly [key: string]: unknown };

/** Whether `value` is an object of JSON: neither null nor an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether two values of JSON say the same, whatever the order of their keys. */
export function sameJson(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((value, index) => sameJson(value, other[index]));
  }
  if (!isObject(one) || !isObject(other)) return one === other;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && sameJson(one[key], other[key]))
  );
}

/** `whole` without the keys named. */
export function omit<Whole extends object, Key extends keyof Whole>(
  whole: Whole,
  ...keys: readonly Key[]
): Omit<Whole, Key> {
  const rest: Partial<Whole> = { ...whole };
  for (const key of keys) delete rest[key];
  return rest as Omit<Whole, Key>;
}

/** The entries of `whole` that are named, as far as it has them. */
export const only = (whole: JsonObject, names: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(whole).filter(([name]) => names.includes(name)));
