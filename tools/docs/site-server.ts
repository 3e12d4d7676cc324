// Serves the built site on this machine.
import { once } from 'node:events';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { extname, join, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream';

/**
 * Finds the file that answers to a request: the file itself, a page without its `.html`, or the index of a folder.
 * @param folder absolute path
 * @param url path of the request, as it came
 * @returns undefined when there is none, when the address is malformed, and when it leads out of the folder
 */
export function findServedFile(folder: string, url: string): string | undefined {
  let path: string;
  try {
    path = decodeURIComponent(new URL(url, 'http://localhost').pathname);
  } catch {
    return undefined;
  }
  // The file system throws at a NUL.
  if (path.includes('\0')) return undefined;
  const wanted = resolve(folder, `.${path}`);
  return [wanted, `${wanted}.html`, join(wanted, 'index.html')].find(
    (file) => file.startsWith(folder + sep) && existsSync(file) && statSync(file).isFile(),
  );
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** Serves a folder on loopback. @param port any free one when 0 */
export async function serveSite(folder: string, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    const file = findServedFile(folder, request.url ?? '/');
    response.writeHead(file === undefined ? 404 : 200, {
      'content-type': TYPES[extname(file ?? '.html')] ?? 'application/octet-stream',
    });
    // Without a callback, an error would end the server: a file that was deleted meanwhile, a reader who left.
    pipeline(createReadStream(file ?? join(folder, '404.html')), response, () => undefined);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
