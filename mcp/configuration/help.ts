import { logLevels } from '../observability/log';
import { MAX_WAIT_SECONDS } from './options';
import { toolsetNames } from './toolsets';

/** Output of `--help`. */
export const help = `Usage: coriolis-mcp [options]

An MCP server for Coriolis: lets an AI assistant look at, run and diagnose
migrations of virtual machines. Speaks MCP on stdin and stdout, or over HTTP.
Read-only unless told otherwise.

What it offers:
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
  --projects <names>    refuse to work unless the login is for one of these
                        projects (names or ids)
  --endpoints <names>   touch only these endpoints (names or ids) and what
                        moves between them; lists leave out everything else
  --max-wait <seconds>  longest wait of one call for clients that ask for
                        progress, 1 to ${MAX_WAIT_SECONDS} (default: 240); others wait at
                        most 45 s

Which Coriolis:
  --os-cloud <name>     the cloud of clouds.yaml to use
  --password-command <command>
                        a shell command that prints the password
  --sandbox             an embedded sandbox instead of a real Coriolis: nothing
                        in it is real, and it ends with this process
  --check               log in, print what would be served, and exit: 0 when it
                        would work, 1 when not

How it is held back:
  --confirm <how>       how destructive calls are confirmed: "elicit" asks the
                        person where the client can, else by token (default);
                        "token" always takes a second call
  --confirm-key-file <file>
                        the key of confirmation tokens, so that all replicas
                        take them (or CORIOLIS_MCP_CONFIRM_KEY); without it each
                        process makes its own
  --audit <file>        append a JSON line for each call that changes something;
                        destructive ones are refused when it cannot be written

HTTP, instead of stdin and stdout:
  --http [host:]port    serve MCP at /mcp, also /healthz and /metrics; without a
                        host on 127.0.0.1. Other addresses need one of the two:
  --tokens-file <file>  bearer tokens, one a line: token scope[,scope…] [name];
                        scopes are read, write, destroy; read again when changed
  --oauth-issuer <url>  OAuth 2.1: take access tokens of this issuer; needs
                        --public-url; with --oauth-audience <text> (default: the
                        public URL) and --oauth-jwks-url <url> (default: what
                        the issuer's metadata says)
  --public-url <url>    the URL that clients use, such as
                        https://mcp.example.com/mcp
  --allowed-hosts <names>, --allowed-origins <names>
                        hosts that clients and web pages may name, with commas
  --rate-limit <number> requests a minute for each caller (default: 600)

Other:
  --log-level <level>   ${logLevels.join(', ')} (default: warn)
  --log-format <format> json (default) or text; logs go to stderr
  --version, --help

Settings, where the first found counts:
  options above, then environment variables, then the cloud of clouds.yaml
  (with secure.yaml; in ., ~/.config/openstack, /etc/openstack, or as named by
  OS_CLIENT_CONFIG_FILE and OS_CLIENT_SECURE_FILE).

  Options    CORIOLIS_MCP_ and the name: --max-wait is CORIOLIS_MCP_MAX_WAIT
  Login      OS_AUTH_URL, or CORIOLIS_APPLIANCE (address of the web interface of
             an appliance); OS_USERNAME or OS_USER_ID, OS_PASSWORD,
             OS_USER_DOMAIN_NAME or _ID, OS_DOMAIN_NAME or OS_DOMAIN_ID for both,
             OS_PROJECT_NAME or _ID (or OS_TENANT_*),
             OS_PROJECT_DOMAIN_NAME or _ID; a missing domain is that of
             OS_DEFAULT_DOMAIN_NAME or _ID, else "default"
             OS_APPLICATION_CREDENTIAL_ID (or _NAME) with
             OS_APPLICATION_CREDENTIAL_SECRET: can read, but Coriolis cannot
             start work with it
             OS_AUTH_TOKEN: ends when the token expires
             OS_AUTH_TYPE says which, where several are set
             OS_CLOUD: a cloud of clouds.yaml
  Coriolis   CORIOLIS_ENDPOINT (instead of the catalogue's), CORIOLIS_REGION_NAME
             or OS_REGION_NAME, CORIOLIS_INTERFACE or OS_INTERFACE,
             CORIOLIS_SERVICE_TYPE, CORIOLIS_SERVICE_NAME
  TLS        OS_CACERT, OS_INSECURE, OS_CERT and OS_KEY (client certificate)
  Traces     OTEL_EXPORTER_OTLP_ENDPOINT and OpenTelemetry's other variables

Nothing is sent before the first tool is called.

Examples:
  coriolis-mcp --sandbox --allow-write          try it, with no Coriolis at hand
  coriolis-mcp                                  read only, settings from OS_*
  coriolis-mcp --os-cloud lab --allow-write     may create, execute, deploy, cancel
  coriolis-mcp --allow-destroy --toolsets all   every tool; deletions are confirmed

  In the configuration of an MCP host:
  {"mcpServers": {"coriolis": {"command": "npx", "args": ["-y", "coriolis-mcp"],
    "env": {"OS_AUTH_URL": "https://keystone.example.com:5000/v3",
            "OS_USERNAME": "me", "OS_PASSWORD": "…", "OS_PROJECT_NAME": "migration"}}}}
`;
