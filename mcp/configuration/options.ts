import { parseArgs } from 'node:util';
import { InvalidInputError } from '../../src/api/errors';
import { httpFlags, readHttpOptions } from './http-options';
import type { HttpOptions } from './http-options';
import { logFormats, logLevels } from '../observability/log';
import type { LogFormat, LogLevel } from '../observability/log';
import type { AllowLists } from './allow-lists';
import type { Permissions } from '../caller/permissions';
import type { Environment } from '../../src/api/settings';
import { toolNames, toolsetNames } from './toolsets';
import type { Selection } from './toolsets';

/** Options of the server. */
export interface Options extends Selection, AllowLists {
  readonly permissions: Permissions;
  readonly cloud: string | undefined;
  /** Longest wait of a client that asked for progress, in seconds. */
  readonly maxWaitSeconds: number;
  /** Confirmation of destructive calls: a question to the person, where the client supports it, or always a token. */
  readonly confirm: (typeof confirmations)[number];
  /** File with the key of confirmation tokens that replicas share. */
  readonly confirmKeyFile: string | undefined;
  readonly auditFile: string | undefined;
  /** Shell command that prints the password. */
  readonly passwordCommand: string | undefined;
  /** Whether to serve an embedded sandbox instead of a real Coriolis. */
  readonly sandbox: boolean;
  /** How to serve HTTP; undefined for standard input and output. */
  readonly http: HttpOptions | undefined;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
}

const confirmations = ['elicit', 'token'] as const;
export const MAX_WAIT_SECONDS = 6 * 3600;

const flags = {
  'allow-write': { type: 'boolean' },
  'allow-destroy': { type: 'boolean' },
  toolsets: { type: 'string' },
  tools: { type: 'string' },
  'exclude-tools': { type: 'string' },
  projects: { type: 'string' },
  endpoints: { type: 'string' },
  'os-cloud': { type: 'string' },
  'password-command': { type: 'string' },
  sandbox: { type: 'boolean' },
  'max-wait': { type: 'string' },
  confirm: { type: 'string' },
  'confirm-key-file': { type: 'string' },
  audit: { type: 'string' },
  'log-level': { type: 'string' },
  'log-format': { type: 'string' },
  ...httpFlags,
} as const;

/** Flags that have no environment variable. */
const commands = {
  check: { type: 'boolean' },
  version: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Command that the command line asks for. */
export type Command =
  { readonly kind: 'serve' | 'check'; readonly options: Options } | { readonly kind: 'help' | 'version' };

/**
 * Reads the command line. Environment variables supply flags that it does not give: `CORIOLIS_MCP_MAX_WAIT` is `--max-wait`.
 * @throws {InvalidInputError} an unknown flag or a wrong value
 */
export function readCommand(argv: readonly string[], environment: Environment): Command {
  const { help, version, check, ...said } = parse(argv);
  if (help === true) return { kind: 'help' };
  if (version === true) return { kind: 'version' };
  const given: Given = { ...fromEnvironment(environment), ...said };
  const destroy = given['allow-destroy'] === true;
  return {
    kind: check === true ? 'check' : 'serve',
    options: {
      permissions: { write: destroy || given['allow-write'] === true, destroy },
      toolsets: words(
        'toolsets',
        toolsetNames,
        given.toolsets ?? (given.tools === undefined ? 'default' : undefined),
      ),
      tools: words('tools', toolNames, given.tools),
      excludedTools: words('exclude-tools', toolNames, given['exclude-tools']),
      projects: parts(given.projects),
      endpoints: parts(given.endpoints),
      cloud: given['os-cloud'],
      passwordCommand: given['password-command'],
      sandbox: given.sandbox === true,
      maxWaitSeconds: seconds('max-wait', given['max-wait'] ?? '240'),
      confirm: readChoice('confirm', confirmations, given.confirm ?? 'elicit'),
      confirmKeyFile: given['confirm-key-file'],
      auditFile: given.audit,
      http: readHttpOptions(given),
      logLevel: readChoice('log-level', logLevels, given['log-level'] ?? 'warn'),
      logFormat: readChoice('log-format', logFormats, given['log-format'] ?? 'json'),
    },
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: { ...flags, ...commands } }).values;
  } catch (error) {
    // Only the first sentence: the next one explains positional arguments, which this command does not have.
    const message = error instanceof Error ? error.message.split('. ')[0] : 'The command line is wrong';
    throw new InvalidInputError(`${message}.`);
  }
}

/** Flags by their names on the command line. */
type Given = {
  readonly [Name in keyof typeof flags]?: (typeof flags)[Name]['type'] extends 'boolean' ? boolean : string;
};

/** Environment variable of a flag. */
const variableOf = (flag: string): string => `CORIOLIS_MCP_${flag.toUpperCase().replaceAll('-', '_')}`;

/** Flags from the environment; an empty variable counts as unset. */
function fromEnvironment(environment: Environment): Given {
  return Object.fromEntries(
    Object.entries(flags).flatMap(([flag, { type }]) => {
      const variable = variableOf(flag);
      const text = environment[variable];
      if (text === undefined || text === '') return [];
      return [[flag, type === 'boolean' ? truth(variable, text) : text]];
    }),
  );
}

function truth(variable: string, text: string): boolean {
  if (/^(1|true|yes|on)$/iu.test(text)) return true;
  if (/^(0|false|no|off)$/iu.test(text)) return false;
  throw new InvalidInputError(`${variable} must be true or false; got "${text}".`);
}

export function readChoice<Word extends string>(
  option: string,
  accepted: readonly Word[],
  text: string,
): Word {
  const found = accepted.find((word) => word === text);
  if (found !== undefined) return found;
  throw new InvalidInputError(`--${option} must be one of ${accepted.join(', ')}; got "${text}".`);
}

const words = (option: string, accepted: readonly string[], text: string | undefined): readonly string[] =>
  parts(text).map((word) => readChoice(option, accepted, word));

/** Texts between commas, trimmed; empty ones are left out. */
const parts = (text: string | undefined): readonly string[] =>
  (text ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');

function seconds(option: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= MAX_WAIT_SECONDS) return value;
  throw new InvalidInputError(
    `--${option} must be a whole number of seconds from 1 to ${MAX_WAIT_SECONDS}; got "${text}".`,
  );
}
