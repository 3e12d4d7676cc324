import { readFlags } from '../../command-line/flags';
import { splitAtCommas, readChoice, readWholeNumber } from '../../command-line/read-flag-values';
import { confirmationModes, flags, MAX_WAIT_FLAG_SECONDS, ENVIRONMENT_VARIABLE_PREFIX } from './flags';
import { readHttpOptions } from './http-options';
import type { HttpOptions } from './http-options';
import { logFormats, logLevels } from '../observability/log';
import type { LogFormat, LogLevel } from '../observability/log';
import type { AllowLists } from './allow-lists';
import type { Permissions } from '../caller/permissions';
import type { EnvironmentVariables } from '../../src/api/login-settings';
import { acceptedToolNames, acceptedToolsets } from './tool-selection';
import type { ToolSelection } from './tool-selection';

/** Options of the server, from flags and environment variables. */
export interface McpOptions extends ToolSelection, AllowLists {
  readonly permissions: Permissions;
  readonly cloudName: string | undefined;
  /** Longest wait of a client that asked for progress, in seconds. */
  readonly maxWaitSeconds: number;
  /** Way of confirming destructive calls: `elicit` asks the person, where the client can; `token` never asks. */
  readonly confirmationMode: (typeof confirmationModes)[number];
  /** File with the key of confirmation tokens, which all processes of this server share. */
  readonly confirmKeyFile: string | undefined;
  readonly auditFile: string | undefined;
  /** Shell command that prints the password. */
  readonly passwordCommand: string | undefined;
  /** Whether to serve an embedded sandbox instead of a real Coriolis. */
  readonly usesSandbox: boolean;
  /** Options of HTTP; undefined for standard input and output. */
  readonly http: HttpOptions | undefined;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
}

/** Command that the command line gives: serve, check, help or version. */
export type Command =
  { readonly kind: 'serve' | 'check'; readonly options: McpOptions } | { readonly kind: 'help' | 'version' };

/**
 * Reads the command line. Environment variables supply flags that it does not give: `CORIOLIS_MCP_MAX_WAIT` is
 * `--max-wait`.
 * @throws {UsageError} an unknown flag or a wrong value
 */
export function readCommand(argv: readonly string[], environment: EnvironmentVariables): Command {
  const { help, version, check } = readFlags(flags, argv);
  if (help === true) return { kind: 'help' };
  if (version === true) return { kind: 'version' };
  const given = readFlags(flags, argv, { prefix: ENVIRONMENT_VARIABLE_PREFIX, environment });
  const destroy = given['allow-destroy'] === true;
  return {
    kind: check === true ? 'check' : 'serve',
    options: {
      permissions: { write: destroy || given['allow-write'] === true, destroy },
      toolsets: readWords(
        'toolsets',
        acceptedToolsets,
        given.toolsets ?? (given.tools === undefined ? 'default' : undefined),
      ),
      tools: readWords('tools', acceptedToolNames, given.tools),
      excludedTools: readWords('exclude-tools', acceptedToolNames, given['exclude-tools']),
      projects: splitAtCommas(given.projects),
      endpoints: splitAtCommas(given.endpoints),
      cloudName: given['os-cloud'],
      passwordCommand: given['password-command'],
      usesSandbox: given.sandbox === true,
      maxWaitSeconds: readWholeNumber(
        'max-wait',
        { minimum: 1, maximum: MAX_WAIT_FLAG_SECONDS, unit: 'seconds' },
        given['max-wait'],
      ),
      confirmationMode: readChoice('confirm', confirmationModes, given.confirm),
      confirmKeyFile: given['confirm-key-file'],
      auditFile: given.audit,
      http: readHttpOptions(given),
      logLevel: readChoice('log-level', logLevels, given['log-level']),
      logFormat: readChoice('log-format', logFormats, given['log-format']),
    },
  };
}

const readWords = (flag: string, accepted: readonly string[], text: string | undefined): readonly string[] =>
  splitAtCommas(text).map((word) => readChoice(flag, accepted, word));
