import type { IncomingMessage } from 'node:http';
import { validateHostHeader, validateOriginHeader } from '@modelcontextprotocol/server';
import { isObject } from '../../src/model/json';
import { quoteText } from '../../src/model/untrusted-text';
import type { HttpOptions } from '../configuration/http-options';
import { makeErrorResponse } from '../wire/json-rpc-messages';

/**
 * Reason to refuse a request by its headers: it is from a web page of another origin, or names an unknown host (DNS
 * rebinding). Undefined when there is none.
 */
export function refusalOfHeaders(
  { headers, headersDistinct }: IncomingMessage,
  { allowedHosts, allowedOrigins }: HttpOptions,
): string | undefined {
  // With two Host headers, a proxy in front may have checked the one and this server would check the other.
  if ((headersDistinct['host'] ?? []).length > 1) return 'More than one Host header.';
  if (allowedHosts !== undefined) {
    const host = validateHostHeader(headers.host, [...allowedHosts]);
    if (!host.ok) return `${host.message}. The operator can add it to --allowed-hosts.`;
  }
  const origin = validateOriginHeader(headers.origin, [...allowedOrigins]);
  return origin.ok ? undefined : `${origin.message}. The operator can add it to --allowed-origins.`;
}

const VERSION_HEADER = 'mcp-protocol-version';
/** Maximum number of characters of a wrong version in an error. */
const MAX_VERSION_LENGTH = 40;

/**
 * Whether the header MCP-Protocol-Version is missing or has the form of a version. The SDK decides whether the version is
 * supported. Its error quotes the header, so other texts must not reach it.
 */
export const hasPlausibleVersion = ({ headers }: IncomingMessage): boolean =>
  /^[\w.-]{1,40}$/u.test(String(headers[VERSION_HEADER] ?? 'none'));

/** Error response to a request whose header MCP-Protocol-Version lacks the form of a version. */
export const makeVersionError = ({ headers }: IncomingMessage, content: unknown): object =>
  makeErrorResponse(
    isObject(content) ? content['id'] : null,
    -32_602,
    `The header MCP-Protocol-Version is no version: "${quoteText(String(headers[VERSION_HEADER]), MAX_VERSION_LENGTH)}".`,
  );

/** Whether an Accept header is missing, or accepts all types or all of `application`. */
export const acceptsAnything = (accept: string | undefined): boolean =>
  accept === undefined || /(^|[\s,])(\*|application)\/\*/u.test(accept);
