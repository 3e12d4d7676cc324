import { Command, InvalidArgumentError, Option } from 'commander';
import { isCoriolisError } from '../src/api/errors';
import { logLevels } from './log';
import type { LogLevel } from './log';
import type { Permissions } from './permissions';
import { operationsOf, toolsetNames } from './toolsets';

/** How the server was started. */
export interface Options {
  readonly permissions: Permissions;
  readonly toolsets: readonly string[];
  readonly cloud: string | undefined;
  /** Longest wait of a client that asked for progress, in seconds. */
  readonly maxWaitSeconds: number;
  /** Whether destructive calls are confirmed by asking the person, where the client can, or always by a token. */
  readonly confirm: 'elicit' | 'token';
  readonly logLevel: LogLevel;
}

const LONGEST_WAIT_SECONDS = 6 * 3600;

const help = `
Settings, where the first found counts:
  options above, then environment variables, then the cloud of clouds.yaml
  (with secure.yaml; in ., ~/.config/openstack, /etc/openstack, or as named by
  OS_CLIENT_CONFIG_FILE and OS_CLIENT_SECURE_FILE).

  Login      OS_AUTH_URL, OS_USERNAME or OS_USER_ID, OS_PASSWORD,
             OS_USER_DOMAIN_NAME or _ID, OS_PROJECT_NAME or _ID (or OS_TENANT_*),
             OS_PROJECT_DOMAIN_NAME or _ID; a missing domain is "default"
             OS_APPLICATION_CREDENTIAL_ID (or _NAME) and _SECRET: can read, but
             Coriolis cannot start work with it
             OS_AUTH_TOKEN: ends when the token expires
             OS_CLOUD: a cloud of clouds.yaml
  Coriolis   CORIOLIS_ENDPOINT (instead of the catalogue's), CORIOLIS_REGION_NAME
             or OS_REGION_NAME, CORIOLIS_INTERFACE or OS_INTERFACE,
             CORIOLIS_SERVICE_TYPE, CORIOLIS_SERVICE_NAME
  TLS        OS_CACERT, OS_INSECURE

Nothing is sent before the first tool is called. Logs go to stderr.

Examples:
  coriolis-mcp                                  read only, settings from OS_*
  coriolis-mcp --os-cloud lab --allow-write     may create, execute, deploy, cancel
  coriolis-mcp --allow-destroy --toolsets all   every tool; deletions are confirmed

  In the configuration of an MCP host:
  {"mcpServers": {"coriolis": {"command": "npx", "args": ["-y", "coriolis-mcp"],
    "env": {"OS_AUTH_URL": "https://keystone.example.com:5000/v3",
            "OS_USERNAME": "me", "OS_PASSWORD": "…", "OS_PROJECT_NAME": "migration"}}}}
`;

/**
 * Reads the command line. Prints and exits for `--help` and `--version` (0) and for mistakes (2).
 */
export function readOptions(argv: readonly string[], version: string): Options {
  const command = new Command('coriolis-mcp')
    .description(
      'An MCP server for Coriolis: lets an AI assistant look at, run and diagnose migrations of virtual machines. Speaks MCP on stdin and stdout. Read-only unless told otherwise.',
    )
    .version(version, '--version', 'print the version')
    .helpOption('--help', 'print this')
    .option('--allow-write', 'also create, update, execute, deploy and cancel', false)
    .option(
      '--allow-destroy',
      'also delete, cancel by force and shut down source machines, each after a confirmation; includes --allow-write',
      false,
    )
    .option(
      '--toolsets <names>',
      `which tools to offer, several with commas: ${toolsetNames.join(', ')}`,
      readToolsets,
      ['default'],
    )
    .option('--os-cloud <name>', 'the cloud of clouds.yaml to use')
    .option(
      '--max-wait <seconds>',
      'longest wait of one call for clients that ask for progress; others wait at most 45 s',
      readSeconds,
      240,
    )
    .addOption(
      new Option(
        '--confirm <how>',
        'how destructive calls are confirmed: elicit asks the person where the client can (else by token), token always takes a second call',
      )
        .choices(['elicit', 'token'])
        .default('elicit'),
    )
    .addOption(new Option('--log-level <level>', 'how much to log').choices(logLevels).default('warn'))
    .addHelpText('after', help)
    .showHelpAfterError('Run coriolis-mcp --help for what is accepted.')
    .allowExcessArguments(false)
    .configureOutput({ writeErr: (words) => process.stderr.write(words) })
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));
  command.parse(argv, { from: 'user' });
  const given = command.opts<{
    allowWrite: boolean;
    allowDestroy: boolean;
    toolsets: readonly string[];
    osCloud?: string;
    maxWait: number;
    confirm: Options['confirm'];
    logLevel: LogLevel;
  }>();
  return {
    permissions: { write: given.allowWrite || given.allowDestroy, destroy: given.allowDestroy },
    toolsets: given.toolsets,
    cloud: given.osCloud,
    maxWaitSeconds: given.maxWait,
    confirm: given.confirm,
    logLevel: given.logLevel,
  };
}

function readToolsets(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  try {
    operationsOf(names);
    return names;
  } catch (error) {
    throw new InvalidArgumentError(isCoriolisError(error) ? `${error.message} ${error.advice ?? ''}` : '');
  }
}

function readSeconds(text: string): number {
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= LONGEST_WAIT_SECONDS) return seconds;
  throw new InvalidArgumentError(`It must be a whole number of seconds from 1 to ${LONGEST_WAIT_SECONDS}.`);
}
