import { isObject } from '../model/json';

/** Codec between a value and its stored JSON. `read` returns undefined for invalid JSON. */
export interface StoredCodec<Value> {
  read(json: unknown): Value | undefined;
  write(value: Value): unknown;
}

/** Property of a stored object: its key in the JSON, kept short to save space, and the codec of its value. */
export interface StoredProperty<Value, IsOptional extends boolean> {
  readonly key: string;
  readonly codec: StoredCodec<Value>;
  readonly isOptional: IsOptional;
}

type Properties = Readonly<Record<string, StoredProperty<unknown, boolean>>>;
type ValueOf<P> = P extends StoredProperty<infer Value, infer IsOptional> ? Given<Value, IsOptional> : never;
type Given<Value, IsOptional extends boolean> = IsOptional extends true ? Value | undefined : Value;
type OptionalNames<P extends Properties> = {
  [Name in keyof P]: P[Name] extends StoredProperty<unknown, true> ? Name : never;
}[keyof P];

/** Type of the value of `makeObjectCodec(properties)`. */
export type StoredObjectOf<P extends Properties> = {
  readonly [Name in Exclude<keyof P, OptionalNames<P>>]: ValueOf<P[Name]>;
} & { readonly [Name in OptionalNames<P>]?: ValueOf<P[Name]> };

/** Type of the value that a codec reads and writes. */
export type StoredValue<S> = S extends StoredCodec<infer Value> ? Value : never;

/** Codec of values that are stored as they are. */
const unchangedCodec = <Value>(isSound: (json: unknown) => json is Value): StoredCodec<Value> => ({
  read: (json) => (isSound(json) ? json : undefined),
  write: (value) => value,
});

export const numberCodec = unchangedCodec((json): json is number => Number.isFinite(json));
export const textCodec = unchangedCodec((json) => typeof json === 'string');
/** Codec of an optional boolean: true, or absent for false. */
export const trueCodec = unchangedCodec((json): json is true => json === true);

/** Required property of a stored object, under a short key. */
export const storedProperty = <Value>(
  key: string,
  type: StoredCodec<Value>,
): StoredProperty<Value, false> => ({
  key,
  codec: type,
  isOptional: false,
});

/** Optional property of a stored object, under a short key. */
export const optionalStoredProperty = <Value>(
  key: string,
  type: StoredCodec<Value>,
): StoredProperty<Value, true> => ({
  key,
  codec: type,
  isOptional: true,
});

/** Codec of an object with these properties. One invalid property makes the whole object invalid. */
export function makeObjectCodec<P extends Properties>(properties: P): StoredCodec<StoredObjectOf<P>> {
  return {
    read(json) {
      if (!isObject(json)) return undefined;
      const value: Record<string, unknown> = {};
      for (const [name, { key, codec, isOptional }] of Object.entries(properties)) {
        const stored = Object.hasOwn(json, key) ? json[key] : undefined;
        if (stored === undefined && isOptional) continue;
        const read = codec.read(stored);
        if (read === undefined) return undefined;
        value[name] = read;
      }
      return value as StoredObjectOf<P>;
    },
    write(value) {
      const json: Record<string, unknown> = {};
      for (const [name, { key, codec }] of Object.entries(properties)) {
        const one = (value as Readonly<Record<string, unknown>>)[name];
        if (one !== undefined) json[key] = codec.write(one);
      }
      return json;
    },
  };
}

/** Codec of a table by id. One invalid entry makes the whole table invalid. */
export function makeTableCodec<Entry>(entry: StoredCodec<Entry>): StoredCodec<ReadonlyMap<string, Entry>> {
  return {
    read(json) {
      if (!isObject(json)) return undefined;
      const table = new Map<string, Entry>();
      for (const [id, stored] of Object.entries(json)) {
        const read = entry.read(stored);
        if (read === undefined) return undefined;
        table.set(id, read);
      }
      return table;
    },
    write: (table) => Object.fromEntries([...table].map(([id, one]) => [id, entry.write(one)])),
  };
}
