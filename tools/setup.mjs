// Prepares a fresh clone: installs the packages of package-lock.json, and builds when a source has changed.
// It runs before anything is installed, so it uses nothing but Node.js. Its messages go to standard error.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  installAlone,
  installLocked,
  isInstalled,
  repositoryRoot,
  runProgram,
  printLine,
} from './install.mjs';

const OLDEST_NODE = { major: 20, minor: 19 };
const BUILD_STAMP = join(repositoryRoot, '.cache', 'build.sha256');
const SOURCES = [
  'credentials',
  'nodes',
  'library',
  'src',
  'command-line',
  'mcp',
  'sandbox',
  'gulpfile.js',
  'tsconfig.json',
  'package-lock.json',
];
const BUILT = ['dist/nodes', 'mcp/dist/coriolis-mcp.cjs', 'sandbox/dist/coriolis-sandbox.cjs'];

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < OLDEST_NODE.major || (major === OLDEST_NODE.major && minor < OLDEST_NODE.minor)) {
    throw new Error(
      `Node.js ${OLDEST_NODE.major}.${OLDEST_NODE.minor} or newer is needed; this is ${process.version}`,
    );
  }
}

/**
 * Yields every file below `path`, except built and installed ones.
 * @param {string} path
 * @returns {Generator<string>}
 */
function* filesBelow(path) {
  if (statSync(path).isFile()) {
    yield path;
    return;
  }
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.name === 'node_modules' || entry.name === 'dist') continue;
    yield* filesBelow(join(path, entry.name));
  }
}

/** Hash over the names and contents of all sources. Deleted and reverted files change it, touched ones do not. */
function sourceHash() {
  const hash = createHash('sha256');
  for (const source of SOURCES.map((name) => join(repositoryRoot, name)).filter((path) => existsSync(path))) {
    for (const file of [...filesBelow(source)].sort())
      hash.update(file).update('\0').update(readFileSync(file));
  }
  return hash.digest('hex');
}

/**
 * Builds when a source has changed since the last build.
 * @param {boolean} always
 */
async function buildWhenStale(always) {
  const hash = sourceHash();
  const fresh =
    existsSync(BUILD_STAMP) &&
    readFileSync(BUILD_STAMP, 'utf8') === hash &&
    BUILT.every((path) => existsSync(join(repositoryRoot, path)));
  if (fresh && !always) return;
  const started = Date.now();
  printLine('Building the nodes, the MCP server and the sandbox');
  await runProgram(process.execPath, [
    join(repositoryRoot, 'node_modules', 'gulp', 'bin', 'gulp.js'),
    '--silent',
    'build',
  ]);
  writeFileSync(BUILD_STAMP, hash);
  printLine(`Built in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

/**
 * Installs and builds whatever is missing or out of date. Of several commands that start at once one does it.
 * @param {{ build?: 'never' | 'stale' | 'always' }} options
 */
export async function setup({ build = 'never' } = {}) {
  checkNode();
  const cache = join(repositoryRoot, '.cache');
  mkdirSync(cache, { recursive: true });
  await installAlone(join(cache, 'setup'), async () => {
    if (!isInstalled(repositoryRoot))
      await installLocked(repositoryRoot, 'the dependencies of this repository (once, about a minute)');
    if (build !== 'never') await buildWhenStale(build === 'always');
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  setup({ build: process.argv.includes('--build') ? 'always' : 'never' }).catch((error) => {
    printLine(error.message);
    process.exitCode = 1;
  });
}
