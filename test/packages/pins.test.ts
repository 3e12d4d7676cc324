import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a build takes from elsewhere is named by its contents, not by a name that may point to something else tomorrow. */

const root = join(__dirname, '../..');
const workflows = readdirSync(join(root, '.github/workflows')).map((name) => `.github/workflows/${name}`);
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const linesOf = (file: string, start: RegExp): string[] =>
  read(file)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => start.test(line));

test.each(workflows)('actions in %s are pinned by commit, with their version beside it', (file) => {
  const uses = linesOf(file, /^(?:- )?uses:/u);
  expect(uses.length).toBeGreaterThan(0);
  expect(uses.filter((line) => !/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/u.test(line))).toEqual([]);
});

test('images in mcp/Dockerfile are pinned by digest', () => {
  const from = linesOf('mcp/Dockerfile', /^FROM /u);
  expect(from).toHaveLength(2);
  expect(from.filter((line) => !/^FROM \S+@sha256:[0-9a-f]{64}(?: AS \w+)?$/u.test(line))).toEqual([]);
});

test('the caches of the workflows follow lock files that exist', () => {
  const names = workflows.flatMap((file) =>
    [...read(file).matchAll(/hashFiles\('([^']+)'\)/gu)].map(([, name = '']) => name),
  );
  expect(names).toEqual(['tools/locks/*/package-lock.json']);
  expect(readdirSync(join(root, 'tools/locks'))).toContain('n8n');
});
