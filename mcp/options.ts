import { parseArgs } from 'node:util';
import { InvalidInputError } from '../src/api/errors';
import { logLevels } from './log';
import type { LogLevel } from './log';
import type { Permissions } from './permissions';
import { toolNames, toolsetNames } from './toolsets';
import type { Selection } from './toolsets';

/** How the server was started. */
export interface Options extends Selection {
  readonly permissions: Permissions;
  readonly cloud: string | undefined;
  /** Longest wait of a client that asked for progress, in seconds. */
  readonly maxWaitSeconds: number;
  /** Whether destructive calls are confirmed by asking the person, where the client can, or always by a token. */
  readonly confirm: (typeof confirmations)[number];
  readonly logLevel: LogLevel;
}

const confirmations = ['elicit', 'token'] as const;
const LONGEST_WAIT_SECONDS = 6 * 3600;

/** What `--help` prints. */
export const help = `Usage: coriolis-mcp [options]

An MCP server for Coriolis: lets an AI assistant look at, run and diagnose
migrations of virtual machines. Speaks MCP on stdin and stdout. Read-only unless
told otherwise.

Options:
  --allow-write         also create, update, execute, deploy and cancel
  --allow-destroy       also delete, cancel by force and shut down source
                        machines, each after a confirmation; includes
                        --allow-write
  --toolsets <names>    which tools to offer, several with commas (default:
                        "default", the 20 that matter most); also "all" and
                        ${toolsetNames.slice(2).join(', ')}
  --tools <names>       single tools to offer besides; without --toolsets
                        only these
  --exclude-tools <names>  tools to leave out, whatever else names them
  --os-cloud <name>     the cloud of clouds.yaml to use
  --max-wait <seconds>  longest wait of one call for clients that ask for
                        progress, 1 to ${LONGEST_WAIT_SECONDS} (default: 240); others wait at
                        most 45 s
  --confirm <how>       how destructive calls are confirmed: "elicit" asks the
                        person where the client can, else by token (default);
                        "token" always takes a second call
  --log-level <level>   ${logLevels.join(', ')} (default: warn)
  --version             print the version
  --help                print this

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

/** What the command line asks for. */
export type Command =
  { readonly kind: 'serve'; readonly options: Options } | { readonly kind: 'help' | 'version' };

/**
 * Reads the command line.
 * @throws {InvalidInputError} an unknown option, or a value that is not accepted
 */
export function readCommand(argv: readonly string[]): Command {
  const given = parse(argv);
  if (given.help === true) return { kind: 'help' };
  if (given.version === true) return { kind: 'version' };
  const destroy = given['allow-destroy'] === true;
  return {
    kind: 'serve',
    options: {
      permissions: { write: destroy || given['allow-write'] === true, destroy },
      toolsets: words(
        'toolsets',
        toolsetNames,
        given.toolsets ?? (given.tools === undefined ? 'default' : undefined),
      ),
      tools: words('tools', toolNames, given.tools),
      excludedTools: words('exclude-tools', toolNames, given['exclude-tools']),
      cloud: given['os-cloud'],
      maxWaitSeconds: seconds('max-wait', given['max-wait'] ?? '240'),
      confirm: oneOf('confirm', confirmations, given.confirm ?? 'elicit'),
      logLevel: oneOf('log-level', logLevels, given['log-level'] ?? 'warn'),
    },
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        'allow-write': { type: 'boolean' },
        'allow-destroy': { type: 'boolean' },
        toolsets: { type: 'string' },
        tools: { type: 'string' },
        'exclude-tools': { type: 'string' },
        'os-cloud': { type: 'string' },
        'max-wait': { type: 'string' },
        confirm: { type: 'string' },
        'log-level': { type: 'string' },
        version: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    // Only the first sentence: what follows explains positional arguments, of which there are none.
    const message = error instanceof Error ? error.message.split('. ')[0] : 'The command line is wrong';
    throw new InvalidInputError(`${message}.`);
  }
}

function oneOf<Word extends string>(option: string, accepted: readonly Word[], text: string): Word {
  const found = accepted.find((word) => word === text);
  if (found !== undefined) return found;
  throw new InvalidInputError(`--${option} must be one of ${accepted.join(', ')}; got "${text}".`);
}

function words(option: string, accepted: readonly string[], text: string | undefined): readonly string[] {
  return (text ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
    .map((word) => oneOf(option, accepted, word));
}

function seconds(option: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= LONGEST_WAIT_SECONDS) return value;
  throw new InvalidInputError(
    `--${option} must be a whole number of seconds from 1 to ${LONGEST_WAIT_SECONDS}; got "${text}".`,
  );
}
