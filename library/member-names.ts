import type { resources } from '../src/catalogue';
import type { Resource } from '../src/operation';

/** The same text in camel case: `minion pools` becomes `minionPools`, `project_name` becomes `projectName`. */
export type CamelCase<Text extends string> = Text extends `${infer Head}${' ' | '_'}${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Text;

export const toCamelCase = <Text extends string>(text: Text): CamelCase<Text> =>
  text.replace(/[ _](\w)/gu, (_match, first: string) => first.toUpperCase()) as CamelCase<Text>;

/** Name of the property with the methods of a resource: `minionPools` for the resource `minionPool`. */
export type ResourcePropertyName<R extends Resource> = CamelCase<(typeof resources)[R]['plural']>;

/** Name of the library's method for an operation: `getAll` becomes `list`. */
export type MethodName<Name extends string> = Name extends 'getAll' ? 'list' : Name;

export const methodNameOf = (name: string): string => (name === 'getAll' ? 'list' : name);
