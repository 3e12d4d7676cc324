/**
 * Inputs of operations, described as data. A field has a title, a description and the values that it accepts. n8n and
 * MCP make parameters and JSON Schema from fields, and `readInput` checks values against them. None of the three adds
 * knowledge about Coriolis, so a field describes everything that a form needs.
 */

import type { FeatureName } from '../api/feature-table';
import type { JsonObject } from '../model/json';

/** Resources that a field can refer to by id. n8n, MCP and the library resolve names to ids. */
export type ReferableResource =
  | 'endpoint'
  | 'instance'
  | 'network'
  | 'storage'
  | 'transfer'
  | 'execution'
  | 'deployment'
  | 'migration'
  | 'provider'
  | 'schedule'
  | 'minionPool'
  | 'region'
  | 'service'
  | 'log'
  | 'appliance'
  | 'licence'
  | 'reservation';

/** One accepted value of a choice. */
export interface Choice<Value extends string = string> {
  readonly value: Value;
  readonly title: string;
  readonly description?: string | undefined;
  /** Feature of the server that the choice needs. */
  readonly since?: FeatureName | undefined;
}

interface FieldBase {
  /** Label in forms, in title case: "Origin Endpoint". */
  readonly title: string;
  /** One sentence for people and models: meaning, unit, and what happens when the field is left out. */
  readonly description: string;
  /** Whether the operation refuses to start without a value. A field with a default is never required. */
  readonly required: boolean;
  /** Whether forms show the field under "Options", because it has a safe default or is seldom needed. */
  readonly advanced: boolean;
  /** Whether forms of lists show the optional field at the top instead of under "Filters": it was required earlier. */
  readonly isOnTop?: boolean | undefined;
  /** Example value, which forms show in an empty input. */
  readonly placeholder?: string | undefined;
  /** Feature of the server that the field needs. Calls with the field to older servers are refused. */
  readonly since?: FeatureName | undefined;
}

/** Field for a text. */
export interface TextField extends FieldBase {
  readonly kind: 'text';
  readonly default?: string | undefined;
  readonly multiline: boolean;
  /**
   * Maximum number of characters, when the server stores the text in a database column of its own. Such a column cannot
   * store characters beyond U+FFFF, such as emoji (docs/reference/coriolis-api.md §2).
   */
  readonly stored?: number | undefined;
  /** Texts that forms suggest. Any other text is accepted too. */
  readonly offer?: TextSuggestions | undefined;
}

/** Field for a whole number or a duration. */
export interface NumberField extends FieldBase {
  readonly kind: 'number';
  readonly default?: number | undefined;
  /** Smallest and largest accepted value, both inclusive. */
  readonly minimum: number;
  readonly maximum: number;
  /**
   * Whether the number is a duration in seconds. Then a text such as "2h" is accepted too, and forms ask for such a
   * text.
   */
  readonly isDuration: boolean;
  /** Display names of the values, the first for `minimum`: names of days and months. */
  readonly labels?: readonly string[] | undefined;
}

/** Field for yes or no. When it is left out and has no default, the server decides. */
export interface FlagField extends FieldBase {
  readonly kind: 'flag';
  readonly default?: boolean | undefined;
  /** Effect of the operation when the flag is set, if that is worse than without the flag. */
  readonly effect?: 'write' | 'destroy' | undefined;
  /** Warning about a common mistake, one sentence. Forms show it when the flag is set. */
  readonly caution?: string | undefined;
}

/** Field for one of a few fixed values. */
export interface ChoiceField extends FieldBase {
  readonly kind: 'choice';
  readonly default?: string | undefined;
  readonly choices: readonly Choice[];
}

/**
 * Field for the rows of a table, a list of JSON objects. In n8n, when the field is empty, the items of the node are the
 * rows.
 */
export interface RecordsField extends FieldBase {
  readonly kind: 'records';
}

/** Field for a JSON object whose keys this project does not define. Accepts an object or JSON text. */
export interface JsonField extends FieldBase {
  readonly kind: 'json';
  /** Whether the value holds secrets, such as connection details, and must never be shown again. */
  readonly secret: boolean;
  /** Rows in which forms let people fill in the object. Without them, forms take only JSON. */
  readonly rows?: RowForm | undefined;
}

/**
 * Field for several texts, or for several references when `of` is given. Accepts an array, JSON text, or a text with
 * entries separated by commas or line ends.
 */
export interface ListField extends FieldBase {
  readonly kind: 'list';
  readonly of?: { readonly resource: ReferableResource; readonly within?: string } | undefined;
  /** Maximum number of entries. */
  readonly maximum: number;
  /** Effect of the operation when the list is given, if that is worse than without the list. */
  readonly effect?: 'write' | 'destroy' | undefined;
}

/** Field for the id of an existing object. `within` names the field that holds the id of its parent. */
export interface ReferenceField extends FieldBase {
  readonly kind: 'reference';
  readonly resource: ReferableResource;
  readonly within?: string | undefined;
  /** Whether the word "none" is accepted too. It removes the present value. */
  readonly removable: boolean;
}

/**
 * Field for pairs of source and destination. Accepts an object, JSON text, or `source=destination` as on the Coriolis
 * command line (one text or a list of them).
 */
export interface MapField extends FieldBase {
  readonly kind: 'map';
  /**
   * Whether a destination may also be an object, as for OpenStack networks with security groups
   * (docs/reference/coriolis-api.md §11.1).
   */
  readonly objects: boolean;
  /** Resource whose ids the destinations are; undefined when they are other texts. */
  readonly of?: ReferableResource | undefined;
  readonly keyTitle: string;
  readonly valueTitle: string;
  /** Choices that forms offer for both sides. Without them, forms take only text. */
  readonly sides?: MapSides | undefined;
  /**
   * Fields that take the parts of an object in the server's own format, by the keys of that format. A caller may give
   * such a whole object here, and `splitServerFormat` divides it.
   */
  readonly parts?: Readonly<Record<string, string>> | undefined;
}

/**
 * Kind of objects that forms offer for one side of a map: objects that the machines use, the machines themselves, or
 * objects of the destination.
 */
export type MapChoiceSource =
  | 'sourceNetwork'
  | 'sourceStorage'
  | 'disk'
  | 'movedInstance'
  | 'destinationNetwork'
  | 'destinationStorage'
  | 'minionPool';

/**
 * Choices for the two sides of a map. `within` names the inputs from which they are found: endpoints and machines, or
 * the transfer.
 */
export interface MapSides {
  /** Choices of the source side. Undefined when the form does not know the machines; people then type the source. */
  readonly key?: MapChoiceSource | undefined;
  readonly value: MapChoiceSource;
  readonly within: readonly string[];
}

/** Suggestions that a form lists for a text field. `within` has the same meaning as in `MapSides`. */
export interface TextSuggestions {
  readonly side: MapChoiceSource;
  readonly within: readonly string[];
}

/** Rows that people fill in in a form, instead of writing a JSON object. */
export interface RowForm {
  /** Title of one row, in title case. */
  readonly title: string;
  readonly columns: Fields;
  /**
   * Converts the rows to one JSON object. Empty rows are skipped.
   * @param name name of the field, for the error
   * @throws {InvalidInputError} a row lacks a value, or contradicts another row
   */
  objectFromRows(rows: readonly JsonObject[], name: string): JsonObject;
}

/** Kind of a provider's JSON schema (docs/reference/coriolis-api.md §6.1). */
export type ProviderSchemaKind = 'connection' | 'source' | 'destination' | 'minionPool';

/**
 * Field for a JSON object that the schema of a provider describes. `within` names the field (platform, endpoint or
 * transfer) that determines the provider.
 */
export interface FormField extends FieldBase {
  readonly kind: 'form';
  readonly schema: ProviderSchemaKind;
  readonly within: string;
  readonly secret: boolean;
}

export type AnyField =
  | TextField
  | NumberField
  | FlagField
  | ChoiceField
  | JsonField
  | RecordsField
  | ListField
  | ReferenceField
  | MapField
  | FormField;

/**
 * Field with two types for the compiler: that of the value that `readInput` returns, and whether a caller may omit it.
 */
export type Field<Value = unknown, Omittable extends boolean = boolean> = AnyField & {
  readonly '~value'?: Value;
  readonly '~omittable'?: Omittable;
};

/** Input fields of an operation, by name. */
export type Fields = Readonly<Record<string, Field>>;

/** Input that an operation receives. Omitted fields are present as `undefined`. */
export type InputOf<F extends Fields> = {
  readonly [Name in keyof F]: F[Name] extends { readonly '~value'?: infer Value } ? Value : never;
};

type Omittable<F extends Fields> = {
  [Name in keyof F]: F[Name] extends { readonly '~omittable'?: infer Yes }
    ? true extends Yes
      ? Name
      : never
    : never;
}[keyof F];

/**
 * Input that a caller gives. Optional fields and fields with a default can be omitted. The type filters the keys of the
 * fields instead of listing new ones, so that the keys keep the comments of their declarations
 * (tools/docs/describe-types.js).
 */
export type CallerInputOf<F extends Fields> = FlattenedIntersection<
  { readonly [Name in keyof F as Name extends Omittable<F> ? never : Name]: ValueOf<F[Name]> } & {
    readonly [Name in keyof F as Name extends Omittable<F> ? Name : never]?: ValueOf<F[Name]> | undefined;
  }
>;

type ValueOf<F> = F extends { readonly '~value'?: infer Value } ? Exclude<Value, undefined> : never;

/** Flattens an intersection into one object type, so that editors show its keys. */
export type FlattenedIntersection<T> = T extends infer Whole ? { [Key in keyof Whole]: Whole[Key] } : never;
