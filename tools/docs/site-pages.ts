// Pages of the site: the Markdown files of the repository, unchanged except for links. A link to a file that is no page
// of the site leads to the repository.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { repositoryRoot } from '../install.mjs';
import { readPackageIdentity } from '../packages/package-identity';

/** Groups of the side bar, with the pages in the order of reading. */
export const SIDE_BAR_GROUPS: Readonly<Record<string, readonly string[]>> = {
  Start: ['README.md', 'docs/n8n.md', 'docs/templates.md', 'docs/waves.md', 'docs/mcp.md', 'docs/core.md'],
  Reference: [
    'docs/operations.md',
    'docs/events.md',
    'docs/errors.md',
    'docs/glossary.md',
    'docs/sandbox.md',
    'docs/conversations.md',
  ],
  'Facts about Coriolis': [
    'docs/reference/README.md',
    'docs/reference/coriolis-api.md',
    'docs/reference/coriolis-domain.md',
    'docs/reference/watching.md',
    'docs/reference/known-errors.md',
    'docs/reference/n8n-host.md',
    'docs/reference/cli-parity.md',
  ],
  'How it is built': [
    'docs/architecture.md',
    'docs/reliability.md',
    'docs/performance.md',
    'docs/dependencies.md',
    'docs/publishing.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    'CHANGELOG.md',
  ],
};

/** A page of the site. */
export interface SitePage {
  /** Path in the repository, for example `docs/n8n.md`. */
  readonly path: string;
  /** First heading. */
  readonly title: string;
  /** Markdown, with links as the site needs them. */
  readonly text: string;
}

/** Path of a page in the site: a README is the page of its folder. */
export const sitePathOf = (path: string): string => path.replace(/README\.md$/u, 'index.md');

/** Reads all pages of the groups. @throws when a page of docs/ is in no group, or a group names one that does not exist */
export function readPages(): SitePage[] {
  const paths = Object.values(SIDE_BAR_GROUPS).flat();
  const inDocs = ['docs', 'docs/reference'].flatMap((folder) =>
    readdirSync(join(repositoryRoot, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${folder}/${name}`),
  );
  const missing = inDocs.filter((path) => !paths.includes(path));
  if (missing.length > 0) throw new Error(`The side bar of the site lacks ${missing.join(', ')}`);
  const { repository } = readPackageIdentity();
  return paths.map((path) => {
    const text = readFileSync(join(repositoryRoot, path), 'utf8');
    const title = /^# (.+)$/mu.exec(text)?.[1]?.replaceAll('`', '') ?? path;
    return { path, title, text: adaptForSite(text, path, new Set(paths), repository) };
  });
}

/**
 * Points links to files that are no page at the repository, and escapes text that VitePress would take for a template.
 */
function adaptForSite(text: string, page: string, paths: ReadonlySet<string>, repository: string): string {
  const link = (target: string): string => {
    if (/^[a-z]+:|^#/u.test(target)) return target;
    const [path = '', ...anchors] = target.split('#');
    const anchor = anchors.map((name) => `#${name}`).join('');
    const whole = posix.join(posix.dirname(page), path);
    if (/\.(?:png|svg)$/u.test(path)) return target;
    if (paths.has(whole)) return sitePathOf(path) + anchor;
    if (!existsSync(join(repositoryRoot, whole))) throw new Error(`${page} links to ${target}: no such file`);
    const kind = statSync(join(repositoryRoot, whole)).isDirectory() ? 'tree' : 'blob';
    return `${repository}/${kind}/main/${whole.replace(/\/$/u, '')}${anchor}`;
  };
  return outsideCode(text, (part) =>
    part
      .replaceAll(/\]\(([^)\s]+)\)/gu, (_, target: string) => `](${link(target)})`)
      // VitePress makes a template of each page: words in angle brackets would be elements, braces expressions.
      .replaceAll(/<(?!\/?(?:a|br|img|picture|source)\b)/gu, '&lt;')
      .replaceAll('{{', '&#123;&#123;'),
  );
}

/** Blocks and spans of code. */
const CODE = /^ *(`{3,}).*?^ *\1|(?<!`)(`+)(?!`).+?(?<!`)\2(?!`)/gmsu;

/** Applies `change` to the parts of a text that are no code. */
function outsideCode(text: string, change: (part: string) => string): string {
  let changed = '';
  let end = 0;
  for (const { 0: code, index } of text.matchAll(CODE)) {
    changed += change(text.slice(end, index)) + code;
    end = index + code.length;
  }
  return changed + change(text.slice(end));
}
