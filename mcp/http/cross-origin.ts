import type { IncomingMessage, ServerResponse } from 'node:http';

/** Time that a browser may cache a preflight answer. */
const MAX_AGE_SECONDS = 3600;
/** Response headers that a web page may read. */
const EXPOSED = ['mcp-session-id', 'mcp-protocol-version', 'retry-after', 'www-authenticate'].join(', ');
/** A list of header names; anything else is not echoed. */
const HEADER_NAMES = /^[\w-]+(?:\s*,\s*[\w-]+)*$/u;

/**
 * Sets the CORS headers for a web page of an allowed origin; other origins were refused before. Cookies are not used. A page
 * may send any header, because MCP has open-ended ones (`Mcp-Param-*`).
 *
 * @returns whether the request was a preflight, which is answered then
 */
export function answerCrossOrigin({ method, headers }: IncomingMessage, response: ServerResponse): boolean {
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
