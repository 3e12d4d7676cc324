import { formatFlagsAsHelp } from '../../command-line/format-flags';
import { flagGroups } from './flags';

/** Text of `--help`. */
export const helpText = `Usage: coriolis-mcp [options]

An MCP server for Coriolis: lets an AI assistant look at, run and diagnose
migrations of virtual machines. Speaks MCP on stdin and stdout, or over HTTP.
Read-only unless told otherwise.

${formatFlagsAsHelp(flagGroups)}

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
             OS_DEFAULT_DOMAIN_NAME or _ID or OS_DEFAULT_DOMAIN, else
             "default"
             OS_APPLICATION_CREDENTIAL_ID (or _NAME) with
             OS_APPLICATION_CREDENTIAL_SECRET: can read, but Coriolis cannot
             start work with it
             OS_TOKEN or OS_AUTH_TOKEN: ends when the token expires
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
