import { makeFlagGroup } from '../../command-line/flags';
import { logFormats, logLevels } from '../observability/log';
import { acceptedToolsets } from './tool-selection';

/** Maximum of `--max-wait`, in seconds. */
export const MAX_WAIT_FLAG_SECONDS = 6 * 3600;
/** Default and maximum number of requests a minute for each caller. */
export const RATE_LIMIT_PER_MINUTE_BOUNDS = { default: 600, maximum: 1_000_000 };
export const confirmationModes = ['elicit', 'token'] as const;

const offer = makeFlagGroup('Tools and access', {
  'allow-write': { explanation: 'also create, update, execute, deploy and cancel' },
  'allow-destroy': {
    explanation:
      'also delete, cancel by force and shut down source machines, each after a confirmation; includes --allow-write',
  },
  toolsets: {
    argument: 'names',
    explanation: `tools to offer, with commas: "default", "all", ${acceptedToolsets.slice(2).join(', ')}`,
    otherwise:
      '"default", the tools for daily work, at most 20 of them listed; none when only --tools is given',
  },
  tools: {
    argument: 'names',
    explanation: 'single tools to add to --toolsets, with commas; alone: offer only these',
  },
  'exclude-tools': {
    argument: 'names',
    explanation: 'tools to leave out, with commas, even if --toolsets or --tools name them',
  },
  projects: {
    argument: 'names',
    explanation: 'refuse to work unless the login is for one of these projects (names or ids, with commas)',
  },
  endpoints: {
    argument: 'names',
    explanation:
      'use only these endpoints (names or ids, with commas) and objects between them; lists leave out everything else',
  },
  'max-wait': {
    argument: 'seconds',
    explanation: `longest wait of one call, 1 to ${MAX_WAIT_FLAG_SECONDS}; clients that do not ask for progress wait at most 45 s`,
    default: '240',
  },
});

const server = makeFlagGroup('Which Coriolis', {
  'os-cloud': { argument: 'name', explanation: 'the cloud of clouds.yaml to use' },
  'password-command': {
    argument: 'command',
    explanation: 'a shell command that prints the password; overrides OS_PASSWORD',
  },
  sandbox: {
    explanation:
      'an embedded sandbox instead of a real Coriolis: nothing in it is real, and it ends with this process',
  },
  check: {
    explanation: 'log in, print what would be served, and exit: 0 when it would work, 1 when not',
    commandLineOnly: true,
  },
});

const safety = makeFlagGroup('Confirmation and audit', {
  confirm: {
    argument: 'how',
    explanation:
      'confirmation of destructive calls: with "elicit" the client asks its user (when it cannot: as "token"); with "token" the call is repeated with the token of its preview',
    default: 'elicit',
  },
  'confirm-key-file': {
    argument: 'file',
    explanation:
      'the key of confirmation tokens, so that all copies of the server accept them (or CORIOLIS_MCP_CONFIRM_KEY with the key itself)',
    otherwise: 'each process makes its own',
  },
  audit: {
    argument: 'file',
    explanation:
      'append a JSON line for each call that changes something; destructive ones are refused when it cannot be written',
  },
});

/** Flag `--http`, and the flags that need it. */
export const httpFlagGroup = makeFlagGroup('HTTP, instead of stdin and stdout', {
  http: {
    argument: '[host:]port',
    explanation:
      'serve MCP at /mcp, also /healthz and /metrics; without a host on 127.0.0.1. Other addresses need --tokens-file or --oauth-issuer',
  },
  'tokens-file': {
    argument: 'file',
    explanation:
      'bearer tokens, one a line: token scope[,scope…] [name]; scopes are read, write, destroy; read again when changed',
  },
  'oauth-issuer': {
    argument: 'url',
    explanation: 'OAuth 2.1: accept access tokens of this issuer; needs --public-url',
  },
  'oauth-audience': {
    argument: 'text',
    explanation: 'audience that access tokens must have',
    otherwise: 'the public URL',
  },
  'oauth-jwks-url': {
    argument: 'url',
    explanation: 'keys of the issuer',
    otherwise: "what the issuer's metadata says",
  },
  'public-url': {
    argument: 'url',
    explanation: 'the URL that clients use, such as https://mcp.example.com/mcp',
  },
  'allowed-hosts': {
    argument: 'names',
    explanation: 'host names that clients may use, with commas; "*" accepts any',
    otherwise: 'this machine, the host of --http and that of --public-url',
  },
  'allowed-origins': {
    argument: 'names',
    explanation: 'hosts of web pages whose requests are accepted, with commas',
    otherwise: 'this machine',
  },
  'rate-limit': {
    argument: 'number',
    explanation: `requests a minute for each caller, 1 to ${RATE_LIMIT_PER_MINUTE_BOUNDS.maximum}`,
    otherwise: String(RATE_LIMIT_PER_MINUTE_BOUNDS.default),
  },
});

const other = makeFlagGroup('Other', {
  'log-level': { argument: 'level', explanation: logLevels.join(', '), default: 'warn' },
  'log-format': {
    argument: 'format',
    explanation: `${logFormats.join(' or ')}; logs go to stderr`,
    default: 'json',
  },
  version: { explanation: 'print the version', commandLineOnly: true },
  help: { short: 'h', explanation: 'print this text', commandLineOnly: true },
});

/** Flags of coriolis-mcp in the order of its help. */
export const flagGroups = [offer, server, safety, httpFlagGroup, other];

export const flags = {
  ...offer.flags,
  ...server.flags,
  ...safety.flags,
  ...httpFlagGroup.flags,
  ...other.flags,
};

/** Beginning of the environment variables of flags: `CORIOLIS_MCP_MAX_WAIT` is `--max-wait`. */
export const ENVIRONMENT_VARIABLE_PREFIX = 'CORIOLIS_MCP_';
