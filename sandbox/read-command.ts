import { omitUndefined } from './json-object';
import { readFlags, UsageError } from '../command-line/flags';
import { formatFlagsAsHelp, formatTwoColumns } from '../command-line/format-flags';
import { readChoice, readPositiveNumber, readWholeNumber } from '../command-line/read-flag-values';
import { FAULT_HELP, FaultSyntaxError, parseFault } from './faults/syntax';
import { flagGroups, flags } from './flags';
import type { SandboxOptions } from './sandbox-options';
import { specialMachines } from './platforms/special-machines';
import { GENERATIONS, generationOf } from './world/releases';

/** Command that the command line asks for. */
export type Command =
  | { readonly kind: 'help' | 'version' }
  | {
      readonly kind: 'serve';
      readonly options: SandboxOptions & { readonly speed: number };
      /** Whether to print JSON instead of text. */
      readonly json: boolean;
    };

/**
 * Reads the command line.
 * @throws {UsageError} an unknown flag or a wrong value
 */
export function readCommand(argv: readonly string[]): Command {
  const given = readFlags(flags, argv);
  if (given.help === true) return { kind: 'help' };
  if (given.version === true) return { kind: 'version' };
  const { generation, release, fault: faults = [] } = given;
  if (release !== undefined) accept('release', release, generationOf, RangeError);
  for (const fault of faults) accept('fault', fault, parseFault, FaultSyntaxError);
  return {
    kind: 'serve',
    json: given.json === true,
    options: {
      port: readWholeNumber('port', { minimum: 0, maximum: 65_535 }, given.port),
      host: given.host,
      speed: readPositiveNumber('speed', given.speed),
      seed: readWholeNumber('seed', { minimum: 0, maximum: 4_294_967_295 }, given.seed),
      transfers: readWholeNumber('transfers', { minimum: 0, maximum: 1_000_000 }, given.transfers),
      licensing: given.licensing === true,
      watcherQuirks: given['no-watcher-quirks'] !== true,
      faults,
      ...(generation !== undefined && { generation: readChoice('generation', GENERATIONS, generation) }),
      ...omitUndefined({ release }),
    },
  };
}

/** Calls a parser of a flag's value, and converts its errors of one class to usage errors. */
function accept(
  flag: string,
  text: string,
  parse: (text: string) => unknown,
  refusal: new (...args: never[]) => Error,
): void {
  try {
    parse(text);
  } catch (error) {
    throw error instanceof refusal ? new UsageError(`--${flag}: ${error.message}`) : error;
  }
}

/** Output of `--help`. */
export const helpText = `Usage: coriolis-sandbox [options]

An embedded Coriolis and Keystone to try, demonstrate and test against, with no cloud.

${formatFlagsAsHelp(flagGroups)}

${FAULT_HELP}

Special machines, on the platform vmware_vsphere:

${formatTwoColumns(specialMachines.map(({ names, behaviour }) => [names.join(', '), behaviour]))}
`;
