import * as errors from '../../src/api/errors';
import { read } from './pages';

/** docs/errors.md names every kind of error that the core can throw. */

type ErrorClass = new (message: string) => errors.CoriolisError;

const classes = Object.entries(errors).flatMap(([name, value]) =>
  typeof value === 'function' && value.prototype instanceof errors.CoriolisError
    ? [{ name, kind: new (value as unknown as ErrorClass)('').kind }]
    : [],
);
const page = read('docs/errors.md');
const chapterOf = (kind: string): string =>
  new RegExp(String.raw`^## ${kind}\n(.*?)(?=^## |$(?![\s\S]))`, 'msu').exec(page)?.[1] ?? '';

test('there are kinds of errors', () => {
  expect(classes.length).toBeGreaterThan(10);
});

test.each(classes)('$kind has a row with its class and a chapter that says what to do', ({ name, kind }) => {
  const row = page.split('\n').find((line) => line.startsWith(`| [\`${kind}\`](#${kind}) `));
  expect(row).toContain(` \`${name}\` `);
  const chapter = chapterOf(kind);
  if (kind === 'canceled') expect(chapter).toContain('stops nothing');
  else if (!chapter.includes('**Everywhere**'))
    for (const reader of ['**n8n**', '**MCP**', '**Program**']) expect(chapter).toContain(reader);
});

test('the page has no chapter of a kind that does not exist', () => {
  const chapters = [...page.matchAll(/^## (.+)$/gmu)].map(([, title]) => title);

  expect([...chapters].sort()).toEqual(classes.map(({ kind }) => kind).sort());
});
