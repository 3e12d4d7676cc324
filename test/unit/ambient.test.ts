import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';

// The core receives the clock, timers, random numbers, the process and the network from its caller (docs/architecture.md).

const ROOT = resolve(__dirname, '../..');

/** Global names that reach outside the program. */
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

/** Uses of the outside in a source text, as "line name": ambient names, the clock, random numbers, computed imports. */
function ambientUses(text: string): string[] {
  const tree = ts.createSourceFile('file.ts', text, ts.ScriptTarget.ES2022, true);
  const nodes = [...nodesOf(tree)];
  const declared = new Set(
    nodes
      .filter((node) => ts.isParameter(node) || ts.isVariableDeclaration(node) || ts.isBindingElement(node))
      .map(({ name }) => (ts.isIdentifier(name) ? name.text : '')),
  );
  return nodes.flatMap((node) => {
    const name = outsideName(node);
    if (name === undefined || declared.has(name)) return [];
    return [`${tree.getLineAndCharacterOfPosition(node.getStart()).line + 1} ${name}`];
  });
}

function* nodesOf(node: ts.Node): Generator<ts.Node> {
  yield node;
  for (const child of node.getChildren()) yield* nodesOf(child);
}

/** The name under which a node uses the outside; undefined when it does not. */
function outsideName(node: ts.Node): string | undefined {
  if (ts.isIdentifier(node)) return AMBIENT.has(node.text) && isReference(node) ? node.text : undefined;
  if (ts.isPropertyAccessExpression(node)) {
    return /^(Date\.now|Math\.random)$/u.test(node.getText()) ? node.getText() : undefined;
  }
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date') {
    return (node.arguments?.length ?? 0) === 0 ? 'new Date()' : undefined;
  }
  // A literal name is checked by the rules for imports (architecture.test.ts).
  const isImport = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
  const [target] = isImport ? node.arguments : [];
  return target !== undefined && !ts.isStringLiteralLike(target) ? 'import()' : undefined;
}

/** True for an identifier that stands for a value; false where it names a property, a key, a member or a type. */
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

/** Uses of the outside below a folder, by file. */
function usesBelow(folder: string): Record<string, string[]> {
  const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  return Object.fromEntries(
    files
      .filter((file) => file.endsWith('.ts'))
      .map((file) => [file, ambientUses(readFileSync(join(ROOT, folder, file), 'utf8'))]),
  );
}

const usersBelow = (folder: string): string[] =>
  Object.entries(usesBelow(folder)).flatMap(([file, uses]) => uses.map((use) => `${file}:${use}`));

describe('clock, timers, random numbers, process and network', () => {
  it('are not used by the core', () => {
    expect(Object.keys(usesBelow('src')).length).toBeGreaterThan(100);
    expect(usersBelow('src')).toEqual([]);
  });

  it('are used by one file of the library', () => {
    const users = usersBelow('library').map((use) => use.replace(/:.*/u, ''));
    expect([...new Set(users)]).toEqual(['connect-defaults.ts']);
  });
});

describe('the check sees', () => {
  it.each([
    `setTimeout(() => 1, 5);`,
    `const now = Date.now();`,
    `const now = new Date();`,
    `const random = Math.random();`,
    `const home = process.env['HOME'];`,
    `const { env } = process;`,
    `console.log(1);`,
    `globalThis.setTimeout;`,
    `const text = Buffer.from('x');`,
    `const f = { fetch };`,
    `const fs = require('fs');`,
    `const fs = await import(name);`,
  ])('the outside in %s', (text) => {
    expect(ambientUses(text)).toHaveLength(1);
  });

  it.each([
    `const time = new Date(0).toISOString();`,
    `interface Coriolis { readonly process: string }`,
    `const it = { process: 1, console: 2 }; it.process;`,
    `export function fetchTransport(fetch: Fetch) { return fetch('x'); }`,
    `import { x } from './y';`,
  ])('nothing in %s', (text) => {
    expect(ambientUses(text)).toEqual([]);
  });
});
