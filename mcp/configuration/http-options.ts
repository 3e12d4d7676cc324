import { UsageError } from '../../command-line/flags';
import { splitAtCommas, readWholeNumber } from '../../command-line/read-flag-values';
import { httpFlagGroup, RATE_LIMIT_PER_MINUTE_BOUNDS } from './flags';

/** OAuth 2.1: this server is a resource server that accepts the tokens of one authorization server. */
export interface OAuthOptions {
  readonly issuer: string;
  /** Audience that tokens must have. */
  readonly audience: string;
  /** URL of the issuer's keys; read from its metadata when undefined. */
  readonly jwksUrl: string | undefined;
}

/** Settings of the HTTP server. */
export interface HttpOptions {
  readonly host: string;
  readonly port: number;
  /** URL that clients use, when it differs from the listening address. */
  readonly publicUrl: URL | undefined;
  /** Host names accepted in the Host header; undefined accepts any. */
  readonly allowedHosts: readonly string[] | undefined;
  /**
   * Hosts of web pages whose requests are accepted. Requests without an Origin header, of other clients, always are.
   */
  readonly allowedOrigins: readonly string[];
  /** File with bearer tokens and their scopes. */
  readonly tokensFile: string | undefined;
  readonly oauth: OAuthOptions | undefined;
  /** Messages per minute and caller. */
  readonly messagesPerMinute: number;
}

type HttpFlag = keyof typeof httpFlagGroup.flags;
type HttpFlagValues = { readonly [Name in HttpFlag]?: string | undefined };

const httpFlags = Object.keys(httpFlagGroup.flags) as readonly HttpFlag[];
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
const ANY_ADDRESS = ['0.0.0.0', '[::]'];

/**
 * Reads the flags for HTTP; undefined without `--http`.
 * @throws {UsageError} a wrong value, a missing flag, or a server without authentication on a public address
 */
export function readHttpOptions(given: HttpFlagValues): HttpOptions | undefined {
  if (given.http === undefined) {
    const alone = httpFlags.find((name) => given[name] !== undefined);
    if (alone === undefined) return undefined;
    throw new UsageError(`--${alone} needs --http: standard input and output have no network.`);
  }
  const { host, port } = parseAddress(given.http);
  const publicUrl = parseUrl('public-url', given['public-url']);
  const oauth = readOAuthOptions(given, publicUrl);
  const tokensFile = given['tokens-file'];
  if (!LOOPBACK.includes(host) && oauth === undefined && tokensFile === undefined) {
    throw new UsageError(
      `--http ${given.http} would let everybody who reaches this machine use Coriolis: add --tokens-file, or --oauth-issuer with --public-url; or listen on 127.0.0.1.`,
    );
  }
  return {
    host,
    port,
    publicUrl,
    allowedHosts: readAllowedHosts(host, given['allowed-hosts'], publicUrl),
    allowedOrigins: given['allowed-origins'] === undefined ? LOOPBACK : readNames(given['allowed-origins']),
    tokensFile,
    oauth,
    messagesPerMinute: readWholeNumber(
      'rate-limit',
      { minimum: 1, maximum: RATE_LIMIT_PER_MINUTE_BOUNDS.maximum, unit: 'requests a minute' },
      given['rate-limit'] ?? String(RATE_LIMIT_PER_MINUTE_BOUNDS.default),
    ),
  };
}

/** `[host:]port`, with IPv6 addresses in brackets. */
function parseAddress(text: string): { readonly host: string; readonly port: number } {
  const [, host = '127.0.0.1', digits = ''] =
    /^(?:(\[[0-9a-f:.]+\]|[^:[\]\s]+):)?(\d{1,5})$/iu.exec(text) ?? [];
  const port = Number(digits);
  if (digits === '' || port > 65_535) {
    throw new UsageError(
      `--http must be [host:]port, such as 8080, 0.0.0.0:8080 or [::1]:8080 (port 0: any free one); got "${text}".`,
    );
  }
  return { host: host.toLowerCase(), port };
}

function readOAuthOptions(given: HttpFlagValues, publicUrl: URL | undefined): OAuthOptions | undefined {
  const issuer = parseUrl('oauth-issuer', given['oauth-issuer']);
  const jwksUrl = parseUrl('oauth-jwks-url', given['oauth-jwks-url'])?.href;
  const audience = given['oauth-audience'];
  if (issuer === undefined) {
    if (audience === undefined && jwksUrl === undefined) return undefined;
    throw new UsageError('--oauth-audience and --oauth-jwks-url need --oauth-issuer.');
  }
  if (publicUrl === undefined) {
    throw new UsageError(
      '--oauth-issuer needs --public-url: the URL that clients use, such as https://mcp.example.com/mcp.',
    );
  }
  // The text of the flag and not the parsed URL, because issuers are compared as texts (RFC 8414).
  return { issuer: given['oauth-issuer'] ?? issuer.href, audience: audience ?? publicUrl.href, jwksUrl };
}

function parseUrl(option: string, text: string | undefined): URL | undefined {
  if (text === undefined) return undefined;
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  const local = parsed !== undefined && LOOPBACK.includes(parsed.hostname);
  if (parsed?.protocol === 'https:' || (parsed?.protocol === 'http:' && local)) return parsed;
  throw new UsageError(`--${option} must be an https URL (http only for this machine); got "${text}".`);
}

/**
 * Host names that are accepted; undefined for any. They are checked so that no web page reaches the server under a name
 * that belongs to the page (DNS rebinding).
 */
function readAllowedHosts(
  host: string,
  given: string | undefined,
  publicUrl: URL | undefined,
): readonly string[] | undefined {
  if (given?.trim() === '*') return undefined;
  const known = [
    ...(given === undefined ? [] : readNames(given)),
    ...(publicUrl ? [publicUrl.hostname] : []),
  ];
  if (!ANY_ADDRESS.includes(host)) return [...new Set([...LOOPBACK, host, ...known])];
  if (known.length > 0) return [...new Set([...LOOPBACK, ...known])];
  throw new UsageError(
    `--http ${host} needs --allowed-hosts (or --public-url): the names under which clients reach it, such as mcp.example.com; "*" takes any.`,
  );
}

const readNames = (text: string): readonly string[] => splitAtCommas(text.toLowerCase());
