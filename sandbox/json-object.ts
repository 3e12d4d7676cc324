export type JsonObject = Record<string, unknown>;

/** A copy of an object without some keys. */
export function omitKeys(object: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}

/** A copy of an object without undefined values. */
export const omitUndefined = <Entries extends object>(
  entries: Entries,
): { readonly [Key in keyof Entries]?: Exclude<Entries[Key], undefined> } =>
  Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined)) as Entries;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
