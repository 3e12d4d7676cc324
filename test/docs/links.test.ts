import { posix } from 'node:path';
import { anchorsOf, exists, filesIn, pages, read, sources, withoutCode } from './pages';

/** Links and paths in pages, code and codex files lead to something that exists. */

const REPOSITORY = 'https://github.com/n8n-nodes-coriolis/n8n-nodes-coriolis';

/** What is wrong with a target in this repository, `path#anchor`; undefined when nothing is. */
function faultOf(target: string): string | undefined {
  const [path = '', anchor] = target.split('#');
  if (!exists(path)) return 'there is no such file';
  if (anchor === undefined || anchor === '' || !path.endsWith('.md')) return undefined;
  return anchorsOf(read(path)).has(anchor) ? undefined : 'has no such anchor';
}

const faultsOf = (place: string, targets: readonly string[]): string[] =>
  targets.flatMap((target) => {
    const fault = faultOf(target);
    return fault === undefined ? [] : [`${place}: ${target} ${fault}`];
  });

test.each(pages)('links of %s', (page) => {
  const text = withoutCode(read(page));
  const links = [
    ...text.matchAll(/\]\(([^)\s]+)\)|<(?:img|a|source)\b[^>]*?(?:src|href|srcset)="([^"]+)"/gu),
  ].map(([, link, attribute]) => link ?? attribute ?? '');
  const targets = links
    .filter((link) => !/^(?:https?|mailto):/u.test(link))
    .map((link) => (link.startsWith('#') ? page + link : posix.join(posix.dirname(page), link)));

  expect(faultsOf(page, targets)).toEqual([]);
});

/** A path in backticks from the root of the repository. What a build makes does not count, nor do methods of MCP (`tools/list`). */
const PATH =
  /`(?!tools\/(?:list|call)`)((?:src|mcp|nodes|sandbox|library|credentials|tools|demo|test|docs|templates)\/[\w./-]*)`/gu;

test.each(pages)('paths named in %s', (page) => {
  const paths = [...withoutCode(read(page)).matchAll(PATH)]
    .map(([, path = '']) => path)
    .filter((path) => !path.includes('/dist/') && !path.includes('dist/'));

  expect(faultsOf(page, paths)).toEqual([]);
});

/** An identifier in backticks: camel case, Pascal case with two humps, or capitals with an underscore. */
const IDENTIFIER = /`([a-z]+[A-Z]\w*|[A-Z][a-z]+[A-Z]\w*|[A-Z]+_[A-Z_]+)`/gu;

test.each(['CONTRIBUTING.md', 'AGENTS.md', 'docs/architecture.md'])('identifiers named in %s', (page) => {
  const code = new Set(sources.flatMap((source) => read(source).match(/\w+/gu) ?? []));
  const named = [...withoutCode(read(page)).matchAll(IDENTIFIER)].map(([, name = '']) => name);

  expect(named.filter((name) => !code.has(name))).toEqual([]);
});

/** Addresses of this repository in code, credentials and codex files. */
function addressesIn(text: string): string[] {
  return [...text.matchAll(/https:\/\/github\.com\/n8n-nodes-coriolis\/n8n-nodes-coriolis([\w./#-]*)/gu)].map(
    ([, rest = '']) => rest,
  );
}

test('addresses of this repository lead to a page and its heading', () => {
  const places = [
    ...sources,
    ...['nodes', 'credentials', 'mcp', 'sandbox'].flatMap((folder) => filesIn(folder, /\.json$/u)),
    ...pages,
  ];
  const faults = places.flatMap((place) =>
    addressesIn(read(place)).flatMap((rest) => {
      if (rest === '' || rest === '.git' || /^\/(?:security|compare|releases)\//u.test(rest)) return [];
      if (rest === '#readme') return [];
      if (rest.startsWith('#')) return faultsOf(place, [`README.md${rest}`]);
      return rest.startsWith('/blob/main/')
        ? faultsOf(place, [rest.slice('/blob/main/'.length)])
        : [`${place}: ${REPOSITORY}${rest}: which page is that?`];
    }),
  );

  expect(faults).toEqual([]);
});

test('pages that code names exist', () => {
  const faults = sources.flatMap((place) =>
    faultsOf(
      place,
      [...read(place).matchAll(/(?<![\w/.-])docs\/[\w/-]+\.(?:md|json)(?:#[\w-]+)?/gu)].map(([path]) => path),
    ),
  );

  expect(faults).toEqual([]);
});
