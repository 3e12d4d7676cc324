import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { githubSlugOf } from '../../tools/docs/github-slug';

const root = resolve(__dirname, '../..');

const SKIPPED = new Set(['node_modules', 'dist', '.cache', '.git', 'coverage', '__snapshots__', 'fixtures']);

/** Files below `folder` whose names match, as paths from the root of the repository with slashes. */
export function filesIn(folder: string, name: RegExp): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (SKIPPED.has(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesIn(path, name);
    return name.test(entry.name) ? [relative('.', path).replaceAll('\\', '/')] : [];
  });
}

export const read = (path: string): string => readFileSync(join(root, path), 'utf8');

export function exists(path: string): boolean {
  return statSync(join(root, path), { throwIfNoEntry: false }) !== undefined;
}

/** A page without its fenced blocks, in which `#` and brackets mean something else. */
export const withoutCode = (page: string): string => page.replaceAll(/^```.*?^```/gmsu, '');

const slugOf = (heading: string): string => githubSlugOf(heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/gu, '$1'));

/** Every anchor of a page: its headings, repeated ones numbered, and its explicit `<a id="…">`. */
export function anchorsOf(page: string): Set<string> {
  const text = withoutCode(page);
  const anchors = new Set([...text.matchAll(/<a id="([^"]+)">/gu)].map(([, id]) => id ?? ''));
  const seen = new Map<string, number>();
  for (const [, heading = ''] of text.matchAll(/^#{1,6} +(.+)$/gmu)) {
    const slug = slugOf(heading.replaceAll('`', ''));
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    anchors.add(times === 0 ? slug : `${slug}-${times}`);
  }
  return anchors;
}

/** Markdown pages of the repository. */
export const pages: readonly string[] = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...['docs', 'mcp', 'sandbox', 'templates', 'test'].flatMap((folder) => filesIn(folder, /\.md$/u)),
  'test/fixtures/recordings/README.md',
];

/** Source files whose comments and texts may cite a page. */
export const sources: readonly string[] = [
  ...readdirSync(root).filter((name) => /\.m?js$/u.test(name)),
  ...['src', 'mcp', 'nodes', 'credentials', 'sandbox', 'library', 'tools', 'demo', 'test'].flatMap((folder) =>
    filesIn(folder, /\.(?:ts|mjs|js)$/u),
  ),
].filter((path) => !path.startsWith('test/docs/'));
