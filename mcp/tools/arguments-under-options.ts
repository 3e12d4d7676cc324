import { catalogue } from '../../src/catalogue';
import { operationId, type Operation } from '../../src/operation';
import { toSnakeCaseKeys } from '../snake-case';

/** Name of the argument whose keys are the seldom needed arguments of a tool. */
export const OPTIONS_ARGUMENT = 'options';

/**
 * Minimum number of advanced fields that are grouped in one argument: each property costs about 30 tokens in every
 * turn.
 */
const MIN_GROUPED = 2;

/** Fields of a tool that are keys of `options`. */
export interface ArgumentsUnderOptions {
  readonly names: readonly string[];
  /** Those of the names that another tool describes already, with that tool; undefined when there are none. */
  readonly describedElsewhere: { readonly tool: string; readonly names: readonly string[] } | undefined;
}

/**
 * Finds the fields of a tool that are keys of `options`: several advanced ones, and those that another tool describes.
 */
export function findArgumentsUnderOptions({ input, related }: Operation): ArgumentsUnderOptions {
  const other = catalogue.find((one) => operationId(one) === related?.sameInputsAs);
  const repeated = other && { tool: other.tool, names: Object.keys(other.input) };
  const advanced = Object.keys(input).filter((name) => input[name]?.advanced === true);
  const isGrouped = advanced.length >= MIN_GROUPED || repeated !== undefined;
  return {
    names: [...(isGrouped ? advanced : []), ...(repeated?.names ?? [])],
    describedElsewhere: repeated,
  };
}

/** Arguments of a call in the form of its tool's schema: grouped ones under `options`, names in snake case. */
export function toToolArguments(
  operation: Operation,
  input: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const { names } = findArgumentsUnderOptions(operation);
  const part = (grouped: boolean) =>
    toSnakeCaseKeys(
      Object.fromEntries(Object.entries(input).filter(([name]) => names.includes(name) === grouped)),
    );
  const options = part(true);
  return { ...part(false), ...(Object.keys(options).length === 0 ? {} : { [OPTIONS_ARGUMENT]: options }) };
}
