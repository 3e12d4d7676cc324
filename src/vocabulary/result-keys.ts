import { isObject, type JsonObject } from '../model/json';
import { toIsoTime } from '../model/timestamps';

/**
 * Key of a result, with its type and meaning. From it derive the compiler's type of the result, the output schema of
 * the MCP tool and the documentation. Shapes are shallow, because every key costs a model tokens, and a spreadsheet has
 * no nested cells.
 */
export interface ResultKey {
  readonly type: 'string' | 'number' | 'boolean' | 'object' | 'array';
  readonly description: string;
  /** Whether the value may be null. A missing value then becomes null. */
  readonly nullable: boolean;
  /** Set when the value is a point in time. It is returned with its zone, which the server may leave out. */
  readonly moment?: true | undefined;
  /** Whether the value was written by a guest, a user or a provider instead of Coriolis. */
  readonly untrusted: boolean;
  /**
   * Media type, when the value is a page or a text that shows the other keys to people. MCP leaves such a key out. n8n
   * outputs a page as a file.
   */
  readonly rendered?: MediaType | undefined;
  /**
   * Set when the value repeats another key or the input of the call. MCP leaves such a key out, unless the input
   * `fields` names the key of the object that contains it.
   */
  readonly redundant?: true | undefined;
  /** Keys of the object, or of the objects in the array, when they are fixed. */
  readonly keys?: Shape | undefined;
  /** Reads the value from the object of the server. Undefined: the value is the property of the same name. */
  read?(raw: never): unknown;
}

export type MediaType = 'text/html' | 'text/plain' | 'application/json';

/** The keys of a result, in the order in which tables show them. */
export type Shape = Readonly<Record<string, ResultKey>>;

/** Key with the type of its value, for the compiler. */
type Typed<Value> = ResultKey & { readonly '~value'?: Value };
/** Key whose value is read from an object of type `Raw`. */
type Reading<Raw, Value> = Typed<Value> & { read(raw: Raw): unknown };

/** Type of the object that a shape describes. */
export type OutputOf<S extends Shape> = {
  readonly [Key in keyof S]: S[Key] extends { readonly '~value'?: infer Value } ? Value : never;
};

interface Options {
  readonly nullable?: true;
  readonly untrusted?: true;
  readonly rendered?: MediaType;
  readonly redundant?: true;
}
type Nullable<O, Value> = O extends { nullable: true } ? Value | null : Value;
type Readable<O, Value> = O extends { nullable: true } ? Value | null | undefined : Value;

/** Builds keys of one type: `key.text('Transfer id')`, or `key.text('Name', (transfer: Transfer) => …)`. */
interface KeyBuilder<Value> {
  <O extends Options>(description: string, options?: O): Typed<Nullable<O, Value>>;
  <Raw, O extends Options>(
    description: string,
    read: (raw: Raw) => Readable<O, Value>,
    options?: O,
  ): Reading<Raw, Nullable<O, Value>>;
}

/** Builds keys that hold one object or several, with fixed keys. */
interface NestedKeyBuilder<Many extends boolean> {
  <S extends Shape, O extends Options>(
    description: string,
    keys: S,
    options?: O,
  ): Typed<Nullable<O, Many extends true ? ReadonlyArray<OutputOf<S>> : OutputOf<S>>> & {
    readonly '~source'?: Nullable<O, Many extends true ? ReadonlyArray<SourceOf<S>> : SourceOf<S>>;
  };
  <S extends Shape, Raw, O extends Options>(
    description: string,
    keys: S,
    read: (raw: Raw) => Readable<O, Many extends true ? ReadonlyArray<SourceOf<S>> : SourceOf<S>>,
    options?: O,
  ): Reading<Raw, Nullable<O, Many extends true ? ReadonlyArray<OutputOf<S>> : OutputOf<S>>>;
}

type Read = (raw: never) => unknown;

const build = (
  type: ResultKey['type'],
  description: string,
  readOrOptions: Read | Options | undefined,
  optionsAfterRead: Options | undefined,
  more: Pick<ResultKey, 'keys' | 'moment'> = {},
): ResultKey => {
  const read = typeof readOrOptions === 'function' ? readOrOptions : undefined;
  const options = typeof readOrOptions === 'function' ? optionsAfterRead : readOrOptions;
  return {
    type,
    description,
    nullable: options?.nullable ?? false,
    untrusted: options?.untrusted ?? false,
    rendered: options?.rendered,
    redundant: options?.redundant,
    ...more,
    ...(read && { read }),
  };
};

const builder = <Value>(type: ResultKey['type']): KeyBuilder<Value> =>
  ((description: string, read?: Read | Options, options?: Options) =>
    build(type, description, read, options)) as KeyBuilder<Value>;

const nestedBuilder = <Many extends boolean>(type: ResultKey['type']): NestedKeyBuilder<Many> =>
  ((description: string, keys: Shape, read?: Read | Options, options?: Options) =>
    build(type, description, read, options, { keys })) as NestedKeyBuilder<Many>;

/** Builders of keys. A key built without a function shows the property of its own name. */
export const key = {
  text: builder<string>('string'),
  /** A text for people that repeats the other keys. It may quote texts of users and providers. */
  rendered: <Raw>(
    rendered: MediaType,
    description: string,
    read: (raw: Raw) => string,
  ): Reading<Raw, string> =>
    build('string', description, read, { untrusted: true, rendered }) as Reading<Raw, string>,
  /** A point in time. The value read may be written as by the server or in ISO 8601. */
  time: ((description: string, read?: Read | Options, options?: Options) =>
    build('string', `${description}, UTC`, read, options, { moment: true })) as KeyBuilder<string>,
  number: builder<number>('number'),
  flag: builder<boolean>('boolean'),
  texts: builder<readonly string[]>('array'),
  numbers: builder<readonly number[]>('array'),
  /** An object with fixed keys. */
  object: nestedBuilder<false>('object'),
  /** Objects with fixed keys. */
  rows: nestedBuilder<true>('array'),
  /** An object whose keys the platform's provider decides. */
  json: builder<JsonObject>('object'),
  /** Values whose type the platform's provider decides. */
  values: builder<readonly unknown[]>('array'),
};

type UnionToIntersection<U> = (U extends unknown ? (one: U) => void : never) extends (all: infer All) => void
  ? All
  : never;

type ReadFrom<K> = K extends { read(raw: infer Raw): unknown } ? Raw : never;

type ValueOf<K> = K extends { readonly '~value'?: infer Value } ? Value : never;

/**
 * Type of the property that a key without a function is read from. For a nested key: of the objects that its own keys
 * can be read from.
 */
type SourceValueOf<K> = '~source' extends keyof K
  ? K extends { readonly '~source'?: infer Source }
    ? Source
    : never
  : ValueOf<K>;

type OwnNames<S extends Shape, Null extends boolean> = {
  [Name in keyof S]: S[Name] extends { read(raw: never): unknown }
    ? never
    : Null extends (null extends ValueOf<S[Name]> ? true : false)
      ? Name
      : never;
}[keyof S];

/** Type of the objects from which the keys of a shape can be read. */
export type SourceOf<S extends Shape> = { readonly [Name in OwnNames<S, false>]: SourceValueOf<S[Name]> } & {
  readonly [Name in OwnNames<S, true>]?: SourceValueOf<S[Name]> | undefined;
} & ([ReadFrom<S[keyof S]>] extends [never] ? unknown : UnionToIntersection<ReadFrom<S[keyof S]>>);

/**
 * Documented part of an object of the server: flat keys of known types. n8n, MCP and the library return it by default,
 * and the whole redacted object on request.
 */
export interface View<Raw, S extends Shape = Shape> {
  readonly shape: S;
  of(raw: Raw): OutputOf<S>;
}

/** Type of the object that a view returns. */
export type ResultOf<V extends { of(raw: never): unknown }> = ReturnType<V['of']>;

interface MakeView<Raw> {
  <S extends Shape>(shape: S & (Raw extends SourceOf<S> ? unknown : SourceOf<S>)): View<Raw, S>;
  <S extends Shape>(shape: S, sourceOf: (raw: Raw) => SourceOf<S>): View<Raw, S>;
}

/** Makes a view from its keys. A key that neither `Raw` nor the result of `sourceOf` has does not compile. */
export const view = <Raw>(): MakeView<Raw> => {
  const make = <S extends Shape>(shape: S, sourceOf: (raw: Raw) => unknown = (raw) => raw): View<Raw, S> => {
    const read = readerOf(shape);
    return { shape, of: (raw) => read(sourceOf(raw)) as OutputOf<S> };
  };
  return make as MakeView<Raw>;
};

type Reader = (raw: unknown) => unknown;

/** Reads all keys of a shape, in its order. */
function readerOf(shape: Shape): Reader {
  const readers = Object.entries(shape).map(([name, field]) => [name, valueReader(name, field)] as const);
  return (raw) => Object.fromEntries(readers.map(([name, read]) => [name, read(raw)]));
}

function valueReader(name: string, { read, nullable, moment, keys }: ResultKey): Reader {
  const valueOf = (read ?? ((raw: JsonObject) => raw[name])) as Reader;
  const nested = keys && readerOf(keys);
  return (raw) => {
    const value = valueOf(raw);
    if (value === undefined && nullable) return null;
    if (moment === true) return typeof value === 'string' ? (toIsoTime(value) ?? value) : value;
    if (nested === undefined) return value;
    if (Array.isArray(value)) return value.map(nested);
    return isObject(value) ? nested(value) : value;
  };
}

/** Picks some keys of a shape, because a row of a list shows fewer keys than a single object. */
export function pickShape<S extends Shape, K extends keyof S>(shape: S, ...names: readonly K[]): Pick<S, K> {
  return Object.fromEntries(names.map((name) => [name, shape[name]])) as Pick<S, K>;
}
