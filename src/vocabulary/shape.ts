import { isObject, type JsonObject } from '../model/json';
import { toIsoTime } from '../model/timing';

/**
 * The vocabulary of outputs. A shape names the keys of a result and says what they mean; from it come the type that an
 * operation must return, the output schema of an MCP tool and the documentation. Shapes are shallow on purpose: a model
 * pays for every key, a spreadsheet has no nested cells.
 */
export interface ShapeField {
  readonly type: 'string' | 'number' | 'boolean' | 'object' | 'array';
  readonly description: string;
  /** Whether the value may be null: known to be absent. */
  readonly nullable: boolean;
  /** Whether it is a moment, which is shown with its zone whatever the server writes. */
  readonly moment?: true;
  /** Whether what stands here was written by a guest, a user or a provider, and not by Coriolis. */
  readonly untrusted: boolean;
  /** Keys of the object, or of the objects in the array, when they are fixed. */
  readonly keys?: Shape;
}

export type Shape = Readonly<Record<string, ShapeField>>;

type Carries<Value> = ShapeField & { readonly '~value'?: Value };

/** The object that a shape describes. */
export type OutputOf<S extends Shape> = {
  readonly [Key in keyof S]: S[Key] extends { readonly '~value'?: infer Value } ? Value : never;
};

interface Options {
  readonly nullable?: true;
  readonly untrusted?: true;
}
type Nullable<O, Value> = O extends { nullable: true } ? Value | null : Value;

const field = (
  type: ShapeField['type'],
  description: string,
  options: Options | undefined,
  keys?: Shape,
): ShapeField => ({
  type,
  description,
  nullable: options?.nullable ?? false,
  untrusted: options?.untrusted ?? false,
  ...(keys === undefined ? {} : { keys }),
});

/** Builders of output keys. */
export const out = {
  text: <O extends Options>(description: string, options?: O): Carries<Nullable<O, string>> =>
    field('string', description, options),
  /** A moment; a view may give it as the server writes it, without the zone that it is in. */
  time: <O extends Options>(description: string, options?: O): Carries<Nullable<O, string>> => ({
    ...field('string', `${description}, UTC`, options),
    moment: true,
  }),
  number: <O extends Options>(description: string, options?: O): Carries<Nullable<O, number>> =>
    field('number', description, options),
  flag: <O extends Options>(description: string, options?: O): Carries<Nullable<O, boolean>> =>
    field('boolean', description, options),
  texts: <O extends Options>(description: string, options?: O): Carries<Nullable<O, readonly string[]>> =>
    field('array', description, options),
  /** An object with fixed keys. */
  object: <S extends Shape, O extends Options>(
    description: string,
    keys: S,
    options?: O,
  ): Carries<Nullable<O, OutputOf<S>>> => field('object', description, options, keys),
  /** Objects with fixed keys. */
  rows: <S extends Shape, O extends Options>(
    description: string,
    keys: S,
    options?: O,
  ): Carries<Nullable<O, ReadonlyArray<OutputOf<S>>>> => field('array', description, options, keys),
  /** An object whose keys the provider decides. */
  json: <O extends Options>(description: string, options?: O): Carries<Nullable<O, JsonObject>> =>
    field('object', description, options),
  /** Values whose type the provider decides. */
  values: <O extends Options>(description: string, options?: O): Carries<Nullable<O, readonly unknown[]>> =>
    field('array', description, options),
};

/**
 * How an object of the server is shown: the keys that matter, flat, each of a known type. The faces show the view by
 * default and the whole (redacted) object on request.
 */
export interface View<Raw, S extends Shape = Shape> {
  readonly shape: S;
  of(raw: Raw): OutputOf<S>;
}

/** Declares a view; a key that the shape lacks, or a value of another type, does not compile. */
export const view =
  <Raw>() =>
  <S extends Shape>(shape: S, of: (raw: Raw) => OutputOf<S>): View<Raw, S> => ({
    shape,
    of: (raw) => asDeclared(shape, of(raw)) as OutputOf<S>,
  });

/**
 * In the order of the shape, which tables show, and with all moments as other programs expect them: whoever reads one without
 * a zone takes it for local time.
 */
function asDeclared(shape: Shape, shown: JsonObject): JsonObject {
  const keys = Object.keys({ ...shape, ...shown }).filter((key) => key in shown);
  return Object.fromEntries(keys.map((key) => [key, zoned(shape[key], shown[key])]));
}

function zoned(of: ShapeField | undefined, value: unknown): unknown {
  if (of?.moment === true && typeof value === 'string') return toIsoTime(value) ?? value;
  const { keys } = of ?? {};
  if (keys === undefined) return value;
  if (Array.isArray(value)) return value.map((row) => asDeclared(keys, row as JsonObject));
  return isObject(value) ? asDeclared(keys, value) : value;
}

/** The keys of `shape` without those named: lists show less than a single object does. */
export function pick<S extends Shape, K extends keyof S>(shape: S, ...names: readonly K[]): Pick<S, K> {
  return Object.fromEntries(names.map((name) => [name, shape[name]])) as Pick<S, K>;
}
