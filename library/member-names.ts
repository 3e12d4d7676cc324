import type { resources } from '../src/catalogue';
import type { Resource } from '../src/operation';

/** The same text in camel case: `minion pools` becomes `minionPools`, `project_name` becomes `projectName`. */
export type Camel<Text extends string> = Text extends `${infer Head}${' ' | '_'}${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : Text;

export const camel = <Text extends string>(text: Text): Camel<Text> =>
  text.replace(/[ _](\w)/gu, (_match, first: string) => first.toUpperCase()) as Camel<Text>;

/** Name of the property with the methods of a resource: `minionPools` for the resource `minionPool`. */
export type ResourcePropertyName<R extends Resource> = Camel<(typeof resources)[R]['plural']>;

/** Name of the library's method for an operation: `getAll` becomes `list`. */
export type MethodName<Name extends string> = Name extends 'getAll' ? 'list' : Name;

export const methodName = (name: string): string => (name === 'getAll' ? 'list' : name);
