import type { resources } from '../src/catalogue';
import type { Resource } from '../src/operation';

/** `minion pools` or `project_name` in camel case. */
export type Camel<Text extends string> = Text extends `${infer Head}${' ' | '_'}${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : Text;

export const camel = <Text extends string>(text: Text): Camel<Text> =>
  text.replace(/[ _](\w)/gu, (_match, first: string) => first.toUpperCase()) as Camel<Text>;

/** Under what the operations of a resource are found: `minionPools`. */
export type GroupName<R extends Resource> = Camel<(typeof resources)[R]['plural']>;

/** Operations that list a resource itself are called so here, as programs expect. */
export type MethodName<Name extends string> = Name extends 'getAll' ? 'list' : Name;

export const methodName = (name: string): string => (name === 'getAll' ? 'list' : name);
