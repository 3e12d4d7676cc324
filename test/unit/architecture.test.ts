import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import ts from 'typescript';

/** The folders that ship, and what each may import (docs/architecture.md). */
const ROOT = resolve(__dirname, '../..');

interface Source {
  /** Path from the root, with slashes. */
  readonly path: string;
  readonly tree: ts.SourceFile;
}

function sourcesIn(folder: string): Source[] {
  let entries: string[];
  try {
    entries = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  } catch {
    return [];
  }
  return entries
    .filter((entry) => entry.endsWith('.ts') && !/(^|[\\/])(node_modules|dist)[\\/]/.test(entry))
    .map((entry) =>
      source(join(folder, entry).split(sep).join('/'), readFileSync(join(ROOT, folder, entry), 'utf8')),
    );
}

const source = (path: string, text: string): Source => ({
  path,
  tree: ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true),
});

function visit(node: ts.Node, each: (node: ts.Node) => void): void {
  each(node);
  ts.forEachChild(node, (child) => visit(child, each));
}

/** Every module that a file names: imports, re-exports, `import()`, `require()`, `import x = require()`, `import('x').T`. */
function importsOf({ tree }: Source): string[] {
  const found: string[] = [];
  const add = (node: ts.Node | undefined): void => {
    if (node !== undefined && ts.isStringLiteralLike(node)) found.push(node.text);
    else if (node !== undefined) found.push(node.getText());
  };
  visit(tree, (node) => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) add(node.moduleSpecifier);
    if (ts.isExternalModuleReference(node)) add(node.expression);
    if (ts.isImportTypeNode(node))
      add(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : node.argument);
    if (ts.isCallExpression(node)) {
      const isRequire = ts.isIdentifier(node.expression) && node.expression.text === 'require';
      if (isRequire || node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node.arguments[0]);
    }
  });
  return found;
}

/** What an import of a file leads to: a path from the root, or the name of a package. */
function targetOf({ path }: Source, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier;
  return relative(ROOT, resolve(ROOT, dirname(path), specifier))
    .split(sep)
    .join('/');
}

const isBelow = (target: string, folder: string): boolean =>
  target === folder || target.startsWith(`${folder}/`);

/** Imports of a file that a rule forbids, as "file -> target". */
function offences(file: Source, forbidden: (target: string) => boolean): string[] {
  return importsOf(file)
    .map((specifier) => targetOf(file, specifier))
    .filter(forbidden)
    .map((target) => `${file.path} -> ${target}`);
}

/** What the outside supplies: clock, timers, the process, the console, Node's own. The core gets them handed in. */
const AMBIENT = new Set([
  'process',
  'global',
  'globalThis',
  'window',
  'self',
  'console',
  'Buffer',
  'require',
  'module',
  '__dirname',
  '__filename',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'clearTimeout',
  'clearInterval',
  'clearImmediate',
  'queueMicrotask',
  'performance',
  'fetch',
  'crypto',
  'XMLHttpRequest',
  'eval',
  'Function',
]);

/** Uses of ambient names, and of the clock and the dice behind `Date` and `Math`, as "file:line name". */
function ambientUses(file: Source): string[] {
  const found: string[] = [];
  const declared = new Set<string>();
  visit(file.tree, (node) => {
    const declares = ts.isParameter(node) || ts.isVariableDeclaration(node) || ts.isBindingElement(node);
    if (declares && ts.isIdentifier(node.name)) {
      declared.add(node.name.text);
    }
  });
  const report = (node: ts.Node, name: string): void => {
    const { line } = file.tree.getLineAndCharacterOfPosition(node.getStart());
    found.push(`${file.path}:${line + 1} ${name}`);
  };
  visit(file.tree, (node) => {
    if (ts.isIdentifier(node) && AMBIENT.has(node.text) && isReference(node) && !declared.has(node.text)) {
      report(node, node.text);
    }
    if (ts.isPropertyAccessExpression(node) && /^(Date\.now|Math\.random)$/.test(node.getText())) {
      report(node, node.getText());
    }
    if (
      ts.isNewExpression(node) &&
      node.expression.getText() === 'Date' &&
      (node.arguments === undefined || node.arguments.length === 0)
    ) {
      report(node, 'new Date()');
    }
  });
  return found;
}

/** Whether an identifier stands for a value, rather than naming a property, a key, a member or a type. */
function isReference(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node;
  if (ts.isQualifiedName(parent) || ts.isTypeReferenceNode(parent)) return false;
  return !(
    ts.isPropertySignature(parent) ||
    ts.isPropertyDeclaration(parent) ||
    ts.isMethodDeclaration(parent) ||
    ts.isMethodSignature(parent) ||
    ts.isImportSpecifier(parent) ||
    ts.isExportSpecifier(parent) ||
    ts.isBindingElement(parent)
  );
}

const core = sourcesIn('src');
const nodes = [...sourcesIn('nodes'), ...sourcesIn('credentials')];
const mcp = sourcesIn('mcp');
const library = sourcesIn('library');

describe('the core', () => {
  it('exists', () => {
    expect(core.length).toBeGreaterThan(20);
  });

  it('imports nothing outside itself', () => {
    expect(core.flatMap((file) => offences(file, (target) => !isBelow(target, 'src')))).toEqual([]);
  });

  it('takes clock, timers, dice, process and network from nobody but its caller', () => {
    expect(core.flatMap(ambientUses)).toEqual([]);
  });
});

describe('the faces', () => {
  it('n8n nodes and credentials know neither the MCP server nor the sandbox', () => {
    expect(
      nodes.flatMap((file) =>
        offences(file, (target) => isBelow(target, 'mcp') || isBelow(target, 'sandbox')),
      ),
    ).toEqual([]);
  });

  it('the library for programs knows nothing but the core', () => {
    expect(library).not.toEqual([]);
    expect(
      library.flatMap((file) =>
        offences(file, (target) => !isBelow(target, 'src') && !isBelow(target, 'library')),
      ),
    ).toEqual([]);
  });

  it('the library uses what is around it in one file only', () => {
    const users = library.filter((file) => ambientUses(file).length > 0).map(({ path }) => path);
    expect(users).toEqual(['library/runtime.ts']);
  });

  it('the MCP server does not know n8n, and the sandbox only where it starts one', () => {
    expect(
      mcp.flatMap((file) =>
        offences(
          file,
          (target) =>
            ['nodes', 'credentials'].some((folder) => isBelow(target, folder)) ||
            (isBelow(target, 'sandbox') && file.path !== 'mcp/connection/sandbox.ts') ||
            /^n8n-/.test(target),
        ),
      ),
    ).toEqual([]);
  });
});

/** What is imported by whom, in the words of a plan: names of files or of folders. */
type Plan = ReadonlyMap<string, ReadonlySet<string>>;

function planOf(files: readonly Source[], nameOf: (path: string) => string | undefined): Plan {
  const plan = new Map<string, Set<string>>();
  for (const file of files) {
    const from = nameOf(file.path);
    if (from === undefined) continue;
    const uses = plan.get(from) ?? new Set<string>();
    plan.set(from, uses);
    for (const specifier of importsOf(file)) {
      const to = nameOf(targetOf(file, specifier));
      if (to !== undefined && to !== from) uses.add(to);
    }
  }
  return plan;
}

/** A way that leads back to where it began, or undefined when every import points one way. */
function circleIn(plan: Plan): readonly string[] | undefined {
  const done = new Set<string>();
  const follow = (way: readonly string[], here: string): readonly string[] | undefined => {
    if (way.includes(here)) return [...way.slice(way.indexOf(here)), here];
    if (done.has(here)) return undefined;
    for (const next of plan.get(here) ?? []) {
      const found = follow([...way, here], next);
      if (found !== undefined) return found;
    }
    done.add(here);
    return undefined;
  };
  for (const name of plan.keys()) {
    const found = follow([], name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The file that an import means, without its ending. */
function fileAmong(files: readonly Source[]): (path: string) => string | undefined {
  const known = new Set(files.map(({ path }) => path.replace(/\.ts$/u, '')));
  return (path) =>
    [path, `${path}/index`].map((one) => one.replace(/\.ts$/u, '')).find((one) => known.has(one));
}

describe('imports point one way', () => {
  const everything = [...core, ...nodes, ...mcp, ...library, ...sourcesIn('sandbox'), ...sourcesIn('demo')];

  it('between files, those for types included', () => {
    const plan = planOf(everything, fileAmong(everything));
    expect(plan.size).toBeGreaterThan(300);
    expect(circleIn(plan)).toBeUndefined();
  });

  it('between the folders of the MCP server, but for the files on top and what everybody shares', () => {
    const plan = planOf(mcp, (path) => /^mcp\/([^/]+)\//u.exec(path)?.[1]);
    expect(plan.size).toBeGreaterThan(5);
    expect(circleIn(plan)).toBeUndefined();
  });

  it('and a circle is found', () => {
    const files = [
      source('src/a.ts', `import { b } from './b';`),
      source('src/b.ts', `import type { C } from './c';`),
      source('src/c/index.ts', `export { b } from '../b';`),
    ];
    expect(circleIn(planOf(files, fileAmong(files)))).toEqual(['src/b', 'src/c/index', 'src/b']);
  });
});

describe('these rules see', () => {
  it.each([
    `import { readFile } from 'node:fs';`,
    `import type { IExecuteFunctions } from 'n8n-workflow';`,
    `export { x } from '../nodes/x';`,
    `const fs = require('fs');`,
    `const fs = await import('fs');`,
    `const fs = await import(name);`,
    `type T = import('axios').AxiosInstance;`,
    `import axios = require('axios');`,
  ])('the import in %s', (text) => {
    expect(offences(source('src/x.ts', text), (target) => !isBelow(target, 'src'))).toHaveLength(1);
  });

  it.each([
    `setTimeout(() => 1, 5);`,
    `const now = Date.now();`,
    `const now = new Date();`,
    `const dice = Math.random();`,
    `const home = process.env['HOME'];`,
    `const { env } = process;`,
    `console.log(1);`,
    `globalThis.setTimeout;`,
    `const text = Buffer.from('x');`,
    `const f = { fetch };`,
  ])('the outside in %s', (text) => {
    expect(ambientUses(source('src/x.ts', text))).toHaveLength(1);
  });

  it.each([
    `const time = new Date(0).toISOString();`,
    `interface Coriolis { readonly process: string }`,
    `const it = { process: 1, console: 2 }; it.process;`,
    `export function fetchTransport(fetch: Fetch) { return fetch('x'); }`,
    `import { x } from './y';`,
  ])('nothing wrong in %s', (text) => {
    const file = source('src/x.ts', text);
    expect([...ambientUses(file), ...offences(file, (target) => !isBelow(target, 'src'))]).toEqual([]);
  });
});
