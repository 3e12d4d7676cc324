// Publisher and repository of the packages. package.json defines them; `npm run docs` writes them into all other files.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface PackageIdentity {
  /** Address of the repository, for example `https://github.com/owner/name`. */
  readonly repository: string;
  readonly author: string;
  readonly email: string;
}

interface PackageFile {
  readonly homepage: string;
  readonly author: { readonly name: string; readonly email: string };
}

interface ManifestFile {
  readonly author: { readonly name: string; readonly email: string };
  readonly repository: { readonly url: string };
}

const repositoryRoot = join(__dirname, '../..');

const readJson = (file: string): unknown => JSON.parse(readFileSync(join(repositoryRoot, file), 'utf8'));

/** Identity in package.json. */
export function readPackageIdentity(): PackageIdentity {
  const { homepage, author } = readJson('package.json') as PackageFile;
  return { repository: homepage, author: author.name, email: author.email };
}

/** Identity in the other files, as written by the last `npm run docs`. */
export function readWrittenPackageIdentity(): PackageIdentity {
  const { author, repository } = readJson('mcp/manifest.json') as ManifestFile;
  return { repository: repository.url.replace(/\.git$/u, ''), author: author.name, email: author.email };
}

/** Files that contain parts of the identity. A test finds missing ones. */
export const filesWithIdentity: readonly string[] = [
  'CHANGELOG.md',
  'README.md',
  'SECURITY.md',
  'credentials/CoriolisKeystoneApi.credentials.ts',
  'docs/mcp.md',
  'mcp/manifest.json',
  'mcp/package.json',
  'mcp/server.json',
  'nodes/Coriolis/Coriolis.node.json',
  'nodes/CoriolisTrigger/CoriolisTrigger.node.json',
  'nodes/render/render-properties.ts',
  'package.json',
  'sandbox/package.json',
  'test/docs/links.test.ts',
];

/** Owner of a repository on GitHub, which is also the namespace of the MCP registry. */
export const repositoryOwnerOf = ({ repository }: PackageIdentity): string =>
  new URL(repository).pathname.split('/')[1] ?? '';

/** Writes another identity into a text. */
export const replacePackageIdentity = (
  text: string,
  before: PackageIdentity,
  after: PackageIdentity,
): string =>
  text
    .replaceAll(before.repository, after.repository)
    .replaceAll(`io.github.${repositoryOwnerOf(before)}/`, `io.github.${repositoryOwnerOf(after)}/`)
    .replaceAll(before.email, after.email)
    .replaceAll(before.author, after.author);
