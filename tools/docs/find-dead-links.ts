// Links of a built site: each leads to a file of the site and, with an anchor, to an element of its page.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';

/** Elements with an id, and addresses, of a page. */
function readPage(file: string): { readonly ids: ReadonlySet<string>; readonly links: readonly string[] } {
  const html = readFileSync(file, 'utf8')
    .replaceAll('&amp;', '&')
    .replaceAll(/<script\b.*?<\/script>/gsu, '');
  return {
    ids: new Set([...html.matchAll(/\sid="([^"]+)"/gu)].map(([, id]) => id ?? '')),
    links: [...html.matchAll(/\s(?:href|src)="([^"]+)"/gu)].map(([, link]) => link ?? ''),
  };
}

/** Links of the site in a folder that lead nowhere, each with its page. Addresses of other sites are not looked at. */
export function findDeadLinks(folder: string): string[] {
  const pages = new Map(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.html'))
      .map((path) => [path.replaceAll('\\', '/'), readPage(join(folder, path))]),
  );
  const fileOf = (path: string): string | undefined =>
    [path, `${path}.html`, posix.join(path, 'index.html')].find((file) => {
      const whole = join(folder, file);
      return existsSync(whole) && statSync(whole).isFile();
    });
  const dead: string[] = [];
  for (const [page, { links }] of pages) {
    for (const link of links) {
      if (/^(?:[a-z]+:|\/\/)/u.test(link)) continue;
      const [path = '', anchor] = link.split('#');
      const target =
        path === '' ? page : path.startsWith('/') ? path.slice(1) : posix.join(posix.dirname(page), path);
      const file = fileOf(decodeURIComponent(target));
      const isThere =
        file !== undefined &&
        (anchor === undefined ||
          anchor === '' ||
          (pages.get(file)?.ids.has(decodeURIComponent(anchor)) ?? true));
      if (!isThere) dead.push(`${page}: ${link}`);
    }
  }
  return dead;
}
