import type { IncomingMessage, ServerResponse } from 'node:http';

/** Seconds for which a browser may cache the answer to a CORS preflight. */
const MAX_AGE_SECONDS = 3600;
/** Response headers that a web page may read. */
const EXPOSED = ['mcp-session-id', 'mcp-protocol-version', 'retry-after', 'www-authenticate'].join(', ');
/** Pattern of a list of header names. Only such a list is sent back in the answer. */
const HEADER_NAMES = /^[\w-]+(?:\s*,\s*[\w-]+)*$/u;

/**
 * Sets the CORS headers for a web page, and answers its preflight. The caller must have refused origins that are not
 * allowed. Cookies are not used. A page may send any header, because MCP has headers with names of the tools' own
 * (`Mcp-Param-*`).
 *
 * @returns true when the request was a preflight, which has been answered
 */
export function setCorsOrAnswerPreflight(
  { method, headers }: IncomingMessage,
  response: ServerResponse,
): boolean {
  const { origin } = headers;
  if (origin === undefined) return false;
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-expose-headers', EXPOSED);
  response.setHeader('vary', 'Origin');
  if (method !== 'OPTIONS' || headers['access-control-request-method'] === undefined) return false;
  const wanted = headers['access-control-request-headers'] ?? '';
  response
    .writeHead(204, {
      'access-control-allow-methods': 'GET, POST, DELETE',
      'access-control-max-age': String(MAX_AGE_SECONDS),
      ...(HEADER_NAMES.test(wanted) ? { 'access-control-allow-headers': wanted } : {}),
    })
    .end();
  return true;
}
