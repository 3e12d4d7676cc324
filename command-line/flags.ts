import { parseArgs } from 'node:util';
import type { ParseArgsConfig } from 'node:util';
import { findNearestName } from './nearest-name';

/** A flag of a command: parsing, `--help` and the table in the documentation derive from it. */
export interface Flag {
  /** Placeholder of the value in the help, such as `seconds`. A flag without a placeholder takes no value. */
  readonly argument?: string;
  /** Short form of one letter: `h` for `-h`. */
  readonly short?: string;
  /** Whether the flag may be given several times. */
  readonly repeatable?: true;
  /** Value when neither the command line nor the environment gives one. */
  readonly default?: string;
  /** Description of what happens without the flag, for flags that have no `default`. */
  readonly whenAbsent?: string;
  /** Whether the flag has no environment variable. */
  readonly commandLineOnly?: true;
  /** Meaning of the flag, without a full stop. The help appends the default. */
  readonly explanation: string;
}

/** Flags by name, without the hyphens. */
export type FlagTable = Readonly<Record<string, Flag>>;

/** Flags under one title of the help. */
export interface FlagGroup {
  readonly title: string;
  readonly flags: FlagTable;
}

/** Makes a group of flags that keeps the type of each flag. */
export const makeFlagGroup = <const Table extends FlagTable>(
  title: string,
  flags: Table,
): { readonly title: string; readonly flags: Table } => ({ title, flags });

type ValueOf<One extends Flag> = One extends { readonly argument: string }
  ? One extends { readonly repeatable: true }
    ? readonly string[]
    : string
  : boolean;

/** Values by flag name; undefined for flags that were not given and have no default. */
export type FlagValues<Table extends FlagTable> = {
  readonly [Name in keyof Table]:
    ValueOf<Table[Name]> | (Table[Name] extends { default: string } ? never : undefined);
};

/** Error in a command line, with a message for the user. */
export class UsageError extends Error {}

/** Source of values besides the command line. */
export interface EnvironmentVariableSource {
  /** Prefix of the variable names: with `APP_`, the variable of `--max-wait` is `APP_MAX_WAIT`. */
  readonly prefix: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads a command line. The value of a flag that is missing there comes from its environment variable, otherwise from
 * its default.
 * @throws {UsageError} an unknown flag, a missing value, or an argument that belongs to no flag
 */
export function readFlags<Table extends FlagTable>(
  table: Table,
  argv: readonly string[],
  variables?: EnvironmentVariableSource,
): FlagValues<Table> {
  const args = [...argv];
  const options = Object.fromEntries(
    Object.entries(table).map(([name, { argument, short, repeatable }]) => {
      const type: 'boolean' | 'string' = argument === undefined ? 'boolean' : 'string';
      const option = { type, multiple: repeatable === true };
      return [name, short === undefined ? option : { ...option, short }];
    }),
  );
  const { tokens } = parseArgs({ args, options, strict: false, allowPositionals: true, tokens: true });
  for (const token of tokens) {
    if (token.kind === 'option' && !Object.hasOwn(table, token.name))
      throw unknownFlagError(token.rawName, table);
  }
  const { values } = parseStrictly(args, options);
  return {
    ...defaultsOf(table),
    ...(variables === undefined ? {} : fromEnvironment(table, variables)),
    ...values,
  } as FlagValues<Table>;
}

function parseStrictly(args: string[], options: ParseArgsConfig['options']) {
  try {
    return parseArgs({ args, options: options ?? {} });
  } catch (error) {
    // Only the first sentence of Node.js: its next one explains positional arguments, which no command here has.
    throw new UsageError(`${(error as Error).message.split('. ')[0]}.`);
  }
}

function unknownFlagError(given: string, table: FlagTable): UsageError {
  const meant = findNearestName(
    given,
    Object.keys(table).map((name) => `--${name}`),
  );
  return new UsageError(`Unknown option ${given}${meant === undefined ? '.' : `: did you mean ${meant}?`}`);
}

const defaultsOf = (table: FlagTable): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(table).flatMap(([name, flag]) =>
      flag.default === undefined ? [] : [[name, flag.default]],
    ),
  );

/** Makes the name of a flag's environment variable: `APP_MAX_WAIT` for `max-wait` with the prefix `APP_`. */
const variableOf = (prefix: string, name: string): string =>
  `${prefix}${name.toUpperCase().replaceAll('-', '_')}`;

/** Reads values from the environment; an empty variable counts as unset. */
function fromEnvironment(
  table: FlagTable,
  { prefix, environment }: EnvironmentVariableSource,
): Readonly<Record<string, string | boolean>> {
  const given: Record<string, string | boolean> = {};
  for (const [name, { argument, commandLineOnly }] of Object.entries(table)) {
    const variable = variableOf(prefix, name);
    const text = environment[variable];
    if (commandLineOnly === true || text === undefined || text === '') continue;
    given[name] = argument === undefined ? readBoolean(variable, text) : text;
  }
  return given;
}

function readBoolean(variable: string, text: string): boolean {
  if (/^(1|true|yes|on)$/iu.test(text)) return true;
  if (/^(0|false|no|off)$/iu.test(text)) return false;
  throw new UsageError(`${variable} must be true or false; got "${text}".`);
}
