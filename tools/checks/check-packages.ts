// Checks the packages before publication: n8n's own scanner, the manifests, the files, and whether they work without
// any other package.
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { repositoryRoot, printLine, installTool } from '../install.mjs';
import { PACKAGES, packAndUnpack, type PackageName } from '../packages/pack-and-unpack';

interface Scanner {
  SOURCE_FILE_PATTERNS: string[];
  analyzePackage: (
    folder: string,
    patterns: string[],
  ) => Promise<{ passed: boolean; message?: string; details?: string }>;
}

interface Manifest {
  name: string;
  version: string;
  bin?: Record<string, string>;
  scripts?: Record<string, string>;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  bundleDependencies?: unknown;
  overrides?: unknown;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
  n8n?: { nodes: string[]; credentials: string[] };
}

/** Files that each published package may contain, besides those that it must. */
const CONTENTS: Record<PackageName, RegExp> = {
  'n8n-nodes-coriolis':
    /^dist\/(nodes|credentials|library|src)\/.*\.(js|d\.ts|svg|png|node\.json)$|^dist\/nodes\/\w+\/__schema__\/[\w./]+\.json$|^templates\/[\w-]+\.json$/,
  'coriolis-mcp': /^dist\/(coriolis-mcp|chunks\/[\w.-]+)\.cjs$/,
  'coriolis-sandbox': /^dist\/coriolis-sandbox\.cjs$/,
};
const REQUIRED = [
  'package.json',
  'README.md',
  'LICENSE',
  'dist/sbom.cdx.json',
  'dist/third-party-notices.txt',
];
/** Lifecycle scripts, which npm runs on a user's machine or while publishing. n8n's scanner refuses most of them. */
const LIFECYCLE = /^(pre|post)?(install|prepare|publish|pack|uninstall)$|^prepublishOnly$/;

/** Problems that a check found; empty when it passed. */
type Findings = string[];

const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
}

function manifestFindings(folder: string): Findings {
  const manifest = manifestOf(folder);
  const findings: Findings = [];
  for (const field of ['dependencies', 'optionalDependencies', 'bundleDependencies', 'overrides'] as const) {
    if (manifest[field] !== undefined)
      findings.push(`package.json has ${field}; everything must be inside the package`);
  }
  for (const script of Object.keys(manifest.scripts ?? {}).filter((name) => LIFECYCLE.test(name))) {
    findings.push(`package.json has the lifecycle script ${script}`);
  }
  for (const peer of Object.keys(manifest.peerDependencies ?? {})) {
    if (manifest.peerDependenciesMeta?.[peer]?.optional !== true)
      findings.push(`the peer ${peer} must be optional`);
  }
  return findings;
}

function contentFindings(name: PackageName, folder: string): Findings {
  const files = filesOf(folder);
  const findings = files
    .filter((file) => !REQUIRED.includes(file) && !CONTENTS[name].test(file))
    .map((file) => `${file} must not be published`);
  for (const needed of REQUIRED) {
    if (!files.includes(needed)) findings.push(`${needed} is missing`);
  }
  const manifest = manifestOf(folder);
  for (const named of [
    ...Object.values(manifest.bin ?? {}),
    ...(manifest.n8n?.nodes ?? []),
    ...(manifest.n8n?.credentials ?? []),
  ]) {
    if (!files.includes(named)) findings.push(`package.json names ${named}, which is not in the package`);
  }
  return findings;
}

async function scannerFindings(scanner: Scanner, folder: string, patterns: string[]): Promise<Findings> {
  const verdict = await scanner.analyzePackage(folder, patterns);
  return verdict.passed ? [] : [`${verdict.message ?? 'refused'}\n${verdict.details ?? ''}`];
}

/** Output of a failed program. */
const outputOf = (error: unknown): string =>
  error instanceof Error && 'stderr' in error ? String(error.stderr) || error.message : String(error);

/** Loads the nodes like n8n, in a folder in which no other package than n8n-workflow can be found. */
function loadFindings(folder: string, workspace: string): Findings {
  const modules = join(workspace, 'modules');
  mkdirSync(modules);
  symlinkSync(
    join(repositoryRoot, 'node_modules', 'n8n-workflow'),
    join(modules, 'n8n-workflow'),
    'junction',
  );
  const loader = ['--import', 'tsx', join(repositoryRoot, 'tools', 'packages', 'load-package.ts'), folder];
  try {
    const loaded = execFileSync(process.execPath, loader, {
      cwd: repositoryRoot,
      env: { ...process.env, NODE_PATH: modules, N8N_USER_FOLDER: workspace },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 600_000,
    });
    printLine(`  loaded ${loaded.toString().trim()}`);
    return [];
  } catch (error) {
    return [outputOf(error)];
  }
}

/** Starts the commands of a package in a folder in which no other package can be found. */
function commandFindings(folder: string): Findings {
  const { bin, version } = manifestOf(folder);
  return Object.values(bin ?? {}).flatMap((file) => {
    try {
      const said = execFileSync(process.execPath, [join(folder, file), '--version'], {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: 300_000,
      }).toString();
      return said.includes(version) ? [] : [`${file} --version said "${said.trim()}" and not ${version}`];
    } catch (error) {
      return [outputOf(error)];
    }
  });
}

/** Compiles the published code with the types of the oldest n8n. The build uses those of the newest. */
async function typeFindings(): Promise<Findings> {
  const folder = await installTool('n8n-workflow-oldest', 'the types of n8n 1.123 (once, a few seconds)');
  const config = join(repositoryRoot, '.cache', 'tsconfig.n8n-oldest.json');
  const sources = ['credentials', 'library', 'nodes', 'src'].map((name) =>
    join(repositoryRoot, name, '**', '*.ts'),
  );
  writeFileSync(
    config,
    JSON.stringify({
      extends: join(repositoryRoot, 'tsconfig.json'),
      compilerOptions: {
        noEmit: true,
        rootDir: repositoryRoot,
        paths: { 'n8n-workflow': [join(folder, 'node_modules', 'n8n-workflow')] },
      },
      include: sources,
    }),
  );
  try {
    execFileSync(process.execPath, [join(repositoryRoot, 'node_modules/typescript/bin/tsc'), '-p', config], {
      cwd: repositoryRoot,
      stdio: 'pipe',
    });
    return [];
  } catch (error) {
    return [error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error)];
  }
}

async function main(): Promise<number> {
  const scanner = (await import(
    pathToFileURL(
      join(
        await installTool('scanner', "n8n's package scanner (once, 220 MB, half a minute)"),
        'node_modules/@n8n/scan-community-package/scanner/scanner.mjs',
      ),
    ).href
  )) as Scanner;
  // Outside the repository, so that its node_modules are not found.
  const workspace = mkdtempSync(join(tmpdir(), 'coriolis-packages-'));
  let failed = 0;
  const report = (name: string, findings: Findings): void => {
    if (findings.length > 0) failed += 1;
    printLine(`${findings.length > 0 ? 'FAILED' : 'ok    '} ${name}`);
    for (const finding of findings) printLine(`       ${finding}`);
  };
  try {
    report('types of n8n 1.123', await typeFindings());
    report(
      'scanner, repository',
      await scannerFindings(scanner, repositoryRoot, scanner.SOURCE_FILE_PATTERNS),
    );
    for (const name of Object.keys(PACKAGES) as PackageName[]) {
      const folder = join(workspace, name);
      await packAndUnpack(name, folder);
      report(`${name}: manifest`, manifestFindings(folder));
      report(`${name}: contents`, contentFindings(name, folder));
      if (name === 'n8n-nodes-coriolis') {
        report(
          `${name}: scanner, tarball`,
          await scannerFindings(scanner, folder, ['package.json', '**/*.js']),
        );
        report(`${name}: loads in n8n`, loadFindings(folder, workspace));
      } else {
        report(`${name}: starts alone`, commandFindings(folder));
      }
    }
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
  return failed > 0 ? 1 : 0;
}

void main().then((code) => (process.exitCode = code));
