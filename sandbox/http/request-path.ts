import type { HttpBindings } from '@hono/node-server';
import { getPath } from 'hono/utils/url';
import type { Generation } from '../world/releases';

/**
 * Paths and queries of requests as the server reads them: its web server (cheroot, eventlet in the legacy generation),
 * its URL map (Paste) and its router (Routes). None of them resolves `.` and `..`, and none refuses bytes that are not
 * UTF-8; they fail later, where the server needs a text.
 */

/** Bindings of a request; tests without a socket have none. */
type Bindings = Partial<Pick<HttpBindings, 'incoming'>> | undefined;

/** Request target without its query, as it was sent. */
export function readSentPath(request: Pick<Request, 'url'>, bindings: Bindings): string {
  const target = bindings?.incoming?.url;
  const sent = target?.startsWith('/') === true ? target : new URL(request.url).pathname;
  return sent.replace(/[?#].*$/s, '');
}

/** Web server of a generation. eventlet decodes `%2F` before the path is routed, cheroot keeps it. */
export type WebServer = 'cheroot' | 'eventlet';

export const webServerOf = (generation: Generation): WebServer =>
  generation === 'legacy' ? 'eventlet' : 'cheroot';

/** Path for the router: decoded but for `%25`, bytes that are not UTF-8, and with cheroot `%2F`. */
export function readRoutedPath(
  request: Pick<Request, 'url'>,
  bindings: Bindings,
  webServer: WebServer,
): string {
  const path = getPath({ url: `http://sandbox${readSentPath(request, bindings)}` } as Request);
  const whole = webServer === 'eventlet' ? path.replaceAll(/%2f/gi, '/') : path;
  return isBelowV1(whole) ? toMatchedPath(whole) : path;
}

const isBelowV1 = (path: string): boolean => /^\/+(?:v1|coriolis)(?:\/|$)/.test(path);

/** Line feed behind the last fixed word of a path, such as a collection. `$` of a regular expression matches before it. */
const LAST_LINE_FEED = /(?<=^\/[^/]+\/[^/]+(?:\/[^/]+\/[^/]+)*\/[^/\n]+)\n$/;

/**
 * Path of a Coriolis request as the server's routes match it. The URL map takes several slashes for one, and each
 * pattern accepts a suffix.
 */
const toMatchedPath = (path: string): string =>
  path
    .replaceAll(/\/{2,}/g, '/')
    .replace(LAST_LINE_FEED, '')
    .replace(/(?<=[^/])\.(?:json|xml)\n?$/, '');

/** Whether the percent-encoded bytes of a path or a query are UTF-8. */
export function isUtf8(encoded: string): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(decodedBytes(encoded));
    return true;
  } catch {
    return false;
  }
}

/** Path as the server shows it where it does not decode UTF-8: each byte is a character. */
export function toLatin1Path(path: string, webServer: WebServer): string {
  const encoded = webServer === 'cheroot' ? path.replaceAll(/%(?=2f)/gi, '%25') : path;
  return /^\/+$/.test(path) ? '/' : decodedBytes(encoded).toString('latin1');
}

function decodedBytes(encoded: string): Buffer {
  const latin1 = encoded.replaceAll(/%([0-9a-f]{2})/gi, (_all, hex: string) =>
    String.fromCharCode(parseInt(hex, 16)),
  );
  return Buffer.from(latin1, 'latin1');
}
