/**
 * Inputs of operations as data. A field has a title, a description and what it accepts. n8n and MCP render fields
 * (parameters, JSON Schema); `readInput` checks values against them. Neither adds knowledge about Coriolis, so a field
 * describes everything a form needs.
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
  /** Server feature that the choice needs. */
  readonly since?: FeatureName | undefined;
}

interface FieldBase {
  /** Label in forms, in title case: "Origin Endpoint". */
  readonly title: string;
  /** One sentence for people and models: meaning, unit, and the effect of leaving it out. */
  readonly description: string;
  /** Whether the operation refuses to start without it. A field with a default is never required. */
  readonly required: boolean;
  /** Whether forms show the field under "Options", because it has a safe default or is seldom needed. */
  readonly advanced: boolean;
  /** An example value, shown in empty inputs. */
  readonly placeholder?: string | undefined;
  /** Server feature that the field needs; calls to older servers are refused. */
  readonly since?: FeatureName | undefined;
}

export interface TextField extends FieldBase {
  readonly kind: 'text';
  readonly default?: string | undefined;
  readonly multiline: boolean;
  /**
   * Maximum number of characters, when the server keeps the text in a column of its own. Such a column has no
   * characters beyond U+FFFF (docs/reference/coriolis-api.md §2).
   */
  readonly stored?: number | undefined;
  /** Choices that forms offer; any other text is accepted too. */
  readonly offer?: TextSuggestions | undefined;
}

export interface NumberField extends FieldBase {
  readonly kind: 'number';
  readonly default?: number | undefined;
  /** Smallest and largest accepted value, both inclusive. */
  readonly minimum: number;
  readonly maximum: number;
  /** Whether the number is a duration in seconds. A text such as "2h" is accepted too, and forms ask for one. */
  readonly isDuration: boolean;
  /** Display names of the values from `minimum` on, such as names of days and months. */
  readonly labels?: readonly string[] | undefined;
}

/** Yes or no. Without a default, a missing value leaves the decision to the server. */
export interface FlagField extends FieldBase {
  readonly kind: 'flag';
  readonly default?: boolean | undefined;
  /** Effect of the operation when the flag is set, where that is worse than without it. */
  readonly effect?: 'write' | 'destroy' | undefined;
  /** Warning about a common mistake: a sentence that forms show when the flag is set. */
  readonly caution?: string | undefined;
}

export interface ChoiceField extends FieldBase {
  readonly kind: 'choice';
  readonly default?: string | undefined;
  readonly choices: readonly Choice[];
}

/** Rows of a table: a list of JSON objects. In n8n the items of the node are used when nothing is given. */
export interface RecordsField extends FieldBase {
  readonly kind: 'records';
}

/** A JSON object whose keys this project does not define. Accepted as an object or as JSON text. */
export interface JsonField extends FieldBase {
  readonly kind: 'json';
  /** Whether the value must never be shown again (connection details). */
  readonly secret: boolean;
  /** Definition of the form's rows; without it, the form takes JSON only. */
  readonly rows?: RowForm | undefined;
}

/**
 * Several texts, or several references when `of` is given. Accepted as an array, JSON text, or text with commas or
 * lines.
 */
export interface ListField extends FieldBase {
  readonly kind: 'list';
  readonly of?: { readonly resource: ReferableResource; readonly within?: string } | undefined;
  /** Maximum number of entries. */
  readonly most: number;
  /** Effect of the operation when the list is given, where that is worse than without it. */
  readonly effect?: 'write' | 'destroy' | undefined;
}

/** Id of an existing object. `within` names the field that holds the id of its parent. */
export interface ReferenceField extends FieldBase {
  readonly kind: 'reference';
  readonly resource: ReferableResource;
  readonly within?: string | undefined;
  /** Whether the word "none" is accepted too, which removes the present value. */
  readonly removable: boolean;
}

/**
 * Pairs of source and destination. Accepted as an object, JSON text, or the `source=destination` spelling of the
 * Coriolis command line (one text or a list of them).
 */
export interface MapField extends FieldBase {
  readonly kind: 'map';
  /**
   * Whether a destination may be an object (OpenStack networks with security groups: docs/reference/coriolis-api.md
   * §11.1).
   */
  readonly objects: boolean;
  /** Resource that the destinations are ids of; undefined for other texts. */
  readonly of?: ReferableResource | undefined;
  readonly keyTitle: string;
  readonly valueTitle: string;
  /** Choices for both sides; without them, the form takes text only. */
  readonly sides?: MapSides | undefined;
  /** Input fields by key of the server's own format: a caller may give a whole object in that format here instead. */
  readonly parts?: Readonly<Record<string, string>> | undefined;
}

/** Source of the choices for one side of a map: objects that the machines use, or objects of the destination. */
export type ChoiceSource =
  | 'sourceNetwork'
  | 'sourceStorage'
  | 'disk'
  | 'movedInstance'
  | 'destinationNetwork'
  | 'destinationStorage'
  | 'minionPool';

/**
 * Choices of a map's sides. `within` names the inputs from which the choices are read: endpoints and machines, or the
 * transfer.
 */
export interface MapSides {
  /** Choices of the source side; undefined when the form does not know the machines, so that the key is typed. */
  readonly key?: ChoiceSource | undefined;
  readonly value: ChoiceSource;
  readonly within: readonly string[];
}

/** Suggestions that a form lists for a text field; `within` as in `MapSides`. */
export interface TextSuggestions {
  readonly side: ChoiceSource;
  readonly within: readonly string[];
}

/** Form in which people fill in rows instead of writing a JSON object. */
export interface RowForm {
  /** Title of one row, in title case. */
  readonly title: string;
  readonly columns: Fields;
  /**
   * Converts the rows to one JSON object. Empty rows are skipped.
   * @param name of the field, for the error
   * @throws {InvalidInputError} a row that says too little, or contradicts another
   */
  objectFromRows(rows: readonly JsonObject[], name: string): JsonObject;
}

/** Kind of a provider's JSON schema (docs/reference/coriolis-api.md §6.1). */
export type ProviderSchemaKind = 'connection' | 'source' | 'destination' | 'minionPool';

/**
 * A JSON object described by the schema of a provider. `within` names the field (platform, endpoint or transfer) that
 * determines the provider.
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

/** A field with types for the compiler: the value that `readInput` returns, and whether it can be omitted. */
export type Field<Value = unknown, Omittable extends boolean = boolean> = AnyField & {
  readonly '~value'?: Value;
  readonly '~omittable'?: Omittable;
};

export type Fields = Readonly<Record<string, Field>>;

/** Input that an operation receives: omitted fields are present as `undefined`. */
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
 * Input that a caller gives: optional fields and fields with a default can be omitted. Keys are filtered instead of
 * listed, so that they stay those of the fields, with the comments that declarations have for them
 * (tools/docs/describe-types.js).
 */
export type CallerInputOf<F extends Fields> = Flattened<
  { readonly [Name in keyof F as Name extends Omittable<F> ? never : Name]: ValueOf<F[Name]> } & {
    readonly [Name in keyof F as Name extends Omittable<F> ? Name : never]?: ValueOf<F[Name]> | undefined;
  }
>;

type ValueOf<F> = F extends { readonly '~value'?: infer Value } ? Exclude<Value, undefined> : never;

/** Flattens an intersection into one object type, so that editors show its keys. */
export type Flattened<T> = T extends infer Whole ? { [Key in keyof Whole]: Whole[Key] } : never;
