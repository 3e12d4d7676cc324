import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { catalogue } from '../../src/catalogue';

/** What `npm publish` would send, file by file. The registry is an address where nothing listens, so nothing can leave. */

const root = join(__dirname, '../..');
const run = promisify(execFile);
const isWindows = process.platform === 'win32';
const FLAGS = [
  '--dry-run',
  '--json',
  '--ignore-scripts',
  '--fetch-retries',
  '0',
  '--registry',
  'http://127.0.0.1:9',
];

interface Published {
  readonly version: string;
  readonly files: ReadonlyArray<{ readonly path: string }>;
}

/** Files that would be published, sorted. @param flags of npm that name the package */
async function published(name: string, flags: readonly string[]): Promise<readonly string[]> {
  const args = ['publish', ...FLAGS, '--access', 'public', ...flags];
  const { stdout } = await run(isWindows ? 'npm.cmd' : 'npm', args, { cwd: root, shell: isWindows });
  const { [name]: found } = JSON.parse(stdout) as Readonly<Record<string, Published>>;
  expect(found?.version).toBe(
    (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Published).version,
  );
  return (found?.files ?? []).map(({ path }) => path).sort();
}

/** Sources that are compiled into the n8n package, without `.ts`. */
const SOURCES = ['credentials', 'library', 'nodes', 'src'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((path) => `${folder}/${path.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.ts'))
    .map((path) => path.slice(0, -3)),
);

test('n8n-nodes-coriolis: each source compiled, each schema, each template, and nothing else', async () => {
  const compiled = SOURCES.flatMap((path) => [`dist/${path}.d.ts`, `dist/${path}.js`]);
  const schemas = catalogue.map(
    ({ resource, name }) => `dist/nodes/Coriolis/__schema__/v1.0.0/${resource}/${name}.json`,
  );
  const templates = readdirSync(join(root, 'templates')).map((name) => `templates/${name}`);
  const derived = [...compiled, ...schemas, ...templates];
  const files = await published('n8n-nodes-coriolis', []);

  expect(derived.filter((path) => !files.includes(path))).toEqual([]);
  expect(files.filter((path) => !derived.includes(path))).toEqual([
    'LICENSE',
    'README.md',
    'dist/nodes/Coriolis/Coriolis.node.json',
    'dist/nodes/CoriolisTrigger/CoriolisTrigger.node.json',
    'dist/nodes/CoriolisTrigger/__schema__/v1.0.0.json',
    'dist/nodes/icons/coriolis.dark.svg',
    'dist/nodes/icons/coriolis.svg',
    'dist/sbom.cdx.json',
    'dist/third-party-notices.txt',
    'package.json',
  ]);
});

const PROGRAM = [
  'LICENSE',
  'README.md',
  'dist/sbom.cdx.json',
  'dist/third-party-notices.txt',
  'package.json',
];

test('coriolis-mcp: one program and its chunks', async () => {
  const files = await published('coriolis-mcp', ['--workspace', 'mcp']);
  const chunks = files.filter((path) => /^dist\/chunks\/[\w-]+-[0-9A-Z]{8}\.cjs$/u.test(path));

  expect(files.filter((path) => !chunks.includes(path))).toEqual(
    [...PROGRAM, 'dist/coriolis-mcp.cjs'].sort(),
  );
  // A chunk that no other file loads was left by an earlier build.
  const texts = [...chunks, 'dist/coriolis-mcp.cjs'].map((path) =>
    readFileSync(join(root, 'mcp', path), 'utf8'),
  );
  expect(chunks.length).toBeGreaterThan(0);
  expect(
    chunks.filter((path) => !texts.some((text) => text.includes(path.slice('dist/chunks/'.length)))),
  ).toEqual([]);
});

test('coriolis-sandbox: one program', async () => {
  expect(await published('coriolis-sandbox', ['--workspace', 'sandbox'])).toEqual(
    [...PROGRAM, 'dist/coriolis-sandbox.cjs'].sort(),
  );
});

test('the workflow tries all three packages before it publishes one, with provenance and without a token', () => {
  const workflow = readFileSync(join(root, '.github/workflows/publish.yml'), 'utf8');
  const commands = [...workflow.matchAll(/npm publish[^\n]*/gu)].map(([line]) => line);
  const which = ['', ' --workspace mcp', ' --workspace sandbox'];

  expect(commands).toEqual([
    ...which.map((flag) => `npm publish --dry-run --provenance --access public${flag}`),
    ...which.map((flag) => `npm publish --provenance --access public${flag}`),
  ]);
  expect(workflow).toContain('id-token: write');
  expect(workflow).not.toMatch(/NODE_AUTH_TOKEN|NPM_TOKEN|secrets\./u);
});
