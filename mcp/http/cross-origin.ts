import type { IncomingMessage, ServerResponse } from 'node:http';

/** How long a browser remembers what it may send. */
const REMEMBERED_SECONDS = 3600;
/** What a page may read of an answer besides its body. */
const EXPOSED = ['mcp-session-id', 'mcp-protocol-version', 'retry-after', 'www-authenticate'].join(', ');
/** Of names of headers, so that nothing but such is given back. */
const HEADER_NAMES = /^[\w-]+(?:\s*,\s*[\w-]+)*$/u;

/**
 * Lets the browser hand our answer to the page that asked (CORS). Only for pages that are allowed to call: others have been
 * refused. No cookies are taken, and a page may send any header, since MCP has open-ended ones (`Mcp-Param-*`).
 *
 * @returns whether the browser only asked if the page may call, which is answered then
 */
export function letPageIn({ method, headers }: IncomingMessage, response: ServerResponse): boolean {
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
      'access-control-max-age': String(REMEMBERED_SECONDS),
      ...(HEADER_NAMES.test(wanted) ? { 'access-control-allow-headers': wanted } : {}),
    })
    .end();
  return true;
}
