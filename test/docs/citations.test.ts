import { anchorsOf, filesIn, read, sources } from './pages';

/**
 * Comments say where a fact about Coriolis comes from: `docs/reference/coriolis-api.md §7.4`, or `trap 32` for an entry of that page's §17.
 * Each citation must lead to a page and to an anchor in it.
 */

const REFERENCE = 'docs/reference';
const reference = new Map(
  filesIn(REFERENCE, /\.md$/u).map((path) => [path.slice(REFERENCE.length + 1), anchorsOf(read(path))]),
);
const traps = reference.get('coriolis-api.md');

/** Comments of a file, each as one line; a line that continues a comment continues its sentence. */
function commentsIn(source: string): string[] {
  return [
    ...source.matchAll(
      /\/\*[\s\S]*?\*\/|(?:^|(?<=[\s;{},(]))\/\/[^\n]*(?:\n[ \t]*\/\/[^\n]*)*|test(?:\.each[^(]*)?\('[^'\n]*'/gu,
    ),
  ].map(([comment]) => comment.replaceAll(/\n[ \t]*(?:\*(?!\/)|\/\/)?[ \t]*/gu, ' '));
}

/** `§§6-10`, `§3 and §6.3`, `§§2, 3, 5`: every number named. */
const numbersIn = (sections: string): string[] => sections.match(/\d+(?:\.\d+)*/gu) ?? [];

const SECTIONS = String.raw`§+\s?\d+(?:\.\d+)*(?:(?:-|, |; | and |, and | to )§*\d+(?:\.\d+)*)*`;
const CITATION = new RegExp(
  String.raw`(?<path>[\w./-]*?)(?<page>[\w-]+\.md)(?:,? (?<sections>${SECTIONS}))?(?:,? (?<row>[GLC]-[A-Z-]+))?`,
  'gu',
);

/** Sections of published standards, which are no pages of ours. */
const STANDARDS = /\b(?:FIPS|RFC|ISO|SEP) ?[\d-]+ §[\d.]+/gu;

/** Faults of the citations in one comment. */
function faultsIn(comment: string): string[] {
  const faults: string[] = [];
  const uncited = comment
    .replaceAll(STANDARDS, '')
    .replaceAll(CITATION, (citation, path: string, page: string, sections?: string, row?: string) => {
      const anchors = reference.get(page);
      if (sections === undefined && anchors === undefined) return '';
      if (anchors === undefined) faults.push(`${citation}: there is no ${REFERENCE}/${page}`);
      else if (path !== `${REFERENCE}/`) faults.push(`${citation}: cite it as ${REFERENCE}/${page}`);
      if (row !== undefined && !read(`${REFERENCE}/${page}`).includes(`${row} `))
        faults.push(`${citation}: has no row ${row}`);
      for (const number of numbersIn(sections ?? '')) {
        if (anchors?.has(`s${number.replaceAll('.', '-')}`) === false)
          faults.push(`${citation}: has no §${number}`);
      }
      return '';
    });
  for (const [mark] of uncited.matchAll(/§+[\d.]*/gu)) faults.push(`${mark}: of which page?`);
  for (const [citation, numbers = ''] of uncited.matchAll(/\btraps? (\d+(?:(?:, | and |-)\d+)*)/gu)) {
    for (const number of numbersIn(numbers)) {
      if (traps?.has(`trap-${number}`) !== true) faults.push(`${citation}: there is no trap ${number}`);
    }
  }
  return faults;
}

test.each([
  ['/** A row (docs/reference/coriolis-api.md §7.4, §8). */', 0],
  ['// Trap 32 and trap 33, docs/reference/watching.md §§1-2.', 0],
  ['/** (docs/reference/coriolis-api.md\n * §99) */', 1],
  ['/** (docs/reference/nowhere.md §1) */', 1],
  ['/** (docs/coriolis-api.md §1) */', 1],
  ['/** (coriolis-api.md §1) */', 1],
  ['/** (docs/reference/cli-parity.md G-NAME) */', 0],
  ['/** (docs/reference/cli-parity.md G-NOTHING) */', 1],
  ['/** Constants (FIPS 180-4 §4.2.2). */', 0],
  ['/** see §7 */', 1],
  ['/** (trap 99) */', 1],
])('reads %j', (comment, faults) => {
  expect(commentsIn(comment).flatMap(faultsIn)).toHaveLength(faults);
});

test('citations in the code lead to a section or a trap of the reference', () => {
  const faults = sources.flatMap((path) =>
    commentsIn(read(path))
      .flatMap(faultsIn)
      .map((fault) => `${path}: ${fault}`),
  );

  expect(faults).toEqual([]);
});

test('citations within the reference lead somewhere', () => {
  const faults = [...reference.keys()].flatMap((page) => {
    const own = reference.get(page);
    const text = read(`${REFERENCE}/${page}`);
    return [...text.matchAll(/(?:([\w-]+\.md|API|domain) )?§(\d+(?:\.\d+)*)/gu)].flatMap(
      ([citation, other, number = '']) => {
        const name = other === 'API' ? 'coriolis-api.md' : other === 'domain' ? 'coriolis-domain.md' : other;
        const anchors = name === undefined ? own : reference.get(name);
        return anchors?.has(`s${number.replaceAll('.', '-')}`) === true ? [] : [`${page}: ${citation}`];
      },
    );
  });

  expect(faults).toEqual([]);
});
