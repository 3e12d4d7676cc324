import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  filesWithIdentity,
  readPackageIdentity,
  repositoryOwnerOf,
  replacePackageIdentity,
  readWrittenPackageIdentity,
} from '../../tools/packages/package-identity';

/** The repository's address, the author and the homepage stand in package.json; everything else is written from it. */

const repositoryRoot = join(__dirname, '../..');
const identity = readPackageIdentity();
const marks = [
  identity.repository,
  identity.author,
  identity.email,
  `io.github.${repositoryOwnerOf(identity)}/`,
];
const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: repositoryRoot, encoding: 'utf8' })
  .split('\0')
  .filter((file) => /\.(?:json|md|mjs|ts|ya?ml)$/u.test(file) || file.endsWith('Dockerfile'));
const read = (file: string): string => readFileSync(join(repositoryRoot, file), 'utf8');

test('all files say what package.json says', () => {
  expect(readWrittenPackageIdentity()).toEqual(identity);
});

test('the repository of each package is that of its homepage', () => {
  const packages = ['package.json', 'mcp/package.json', 'sandbox/package.json'].map(
    (file) =>
      JSON.parse(read(file)) as { readonly homepage?: string; readonly repository: { readonly url: string } },
  );
  expect(packages[0]?.homepage).toBe(identity.repository);
  for (const { homepage = identity.repository, repository } of packages)
    expect([repository.url, homepage.startsWith(identity.repository)]).toEqual([
      `git+${identity.repository}.git`,
      true,
    ]);
});

test('no other file repeats it', () => {
  const repeating = tracked.filter((file) => {
    const text = read(file);
    return marks.some((mark) => text.includes(mark));
  });
  expect(repeating.filter((file) => !filesWithIdentity.includes(file))).toEqual([]);
  expect(tracked.length).toBeGreaterThan(500);
});

test('whoever publishes it from elsewhere changes package.json and runs `npm run docs`', () => {
  const other = {
    repository: 'https://github.com/somebody/moves',
    author: 'Some Body',
    email: 'some@body.example',
  };
  const left = filesWithIdentity.filter((file) => {
    const text = replacePackageIdentity(read(file), identity, other);
    return marks.some((mark) => text.includes(mark));
  });
  expect(left).toEqual([]);
});
