import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative, resolve } from 'node:path';
import ts from 'typescript';

const ROOT = resolve(__dirname, '../..');
const FOLDERS = [
  'command-line',
  'credentials',
  'demo',
  'library',
  'mcp',
  'nodes',
  'sandbox',
  'src',
  'test',
  'tools',
];

/** Exports that a program loads by the name of their file: n8n its nodes, VitePress its configuration. */
const LOADED_BY_NAME = /^(?:nodes\/.*[.]node|credentials\/.*|library\/.*|tools\/docs\/site-config)[.]ts$/u;

/** Folders whose declaration files may have to name any type, also one that the compiler inferred. */
const DECLARED = /^(?:src|nodes|library|credentials)\//u;

/** Texts of files, by path below the root. */
type Files = ReadonlyMap<string, string>;

/** Exported statement with the names that it exports. */
interface Exported {
  readonly names: readonly string[];
  readonly statement: ts.Statement;
}

const EVERYTHING = '*';

function exportsOf(tree: ts.SourceFile): Exported[] {
  return tree.statements.flatMap((statement) => {
    const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
    const kinds = modifiers.map(({ kind }) => kind);
    if (!kinds.includes(ts.SyntaxKind.ExportKeyword) || kinds.includes(ts.SyntaxKind.DefaultKeyword))
      return [];
    if (ts.isVariableStatement(statement)) {
      const names = statement.declarationList.declarations.map(({ name }) => name.getText(tree));
      return [{ names, statement }];
    }
    const { name } = statement as ts.DeclarationStatement;
    return name === undefined ? [] : [{ names: [name.text], statement }];
  });
}

/** Names that a node takes from another file, with the path as it is written. */
function importedBy(node: ts.Node): { readonly from: string; readonly names: readonly string[] } | undefined {
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
    const bindings = node.importClause?.namedBindings;
    const names =
      bindings === undefined
        ? []
        : ts.isNamespaceImport(bindings)
          ? [EVERYTHING]
          : bindings.elements.map(({ name, propertyName }) => (propertyName ?? name).text);
    return { from: node.moduleSpecifier.text, names };
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
    const clause = node.exportClause;
    const names =
      clause === undefined || ts.isNamespaceExport(clause)
        ? [EVERYTHING]
        : clause.elements.map(({ name, propertyName }) => (propertyName ?? name).text);
    return { from: (node.moduleSpecifier as ts.StringLiteral).text, names };
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return { from: (node.argument.literal as ts.StringLiteral).text, names: [EVERYTHING] };
  }
  // import('…'), require('…'), jest.mock('…')
  if (ts.isCallExpression(node)) {
    const [argument] = node.arguments;
    if (argument !== undefined && ts.isStringLiteral(argument) && argument.text.startsWith('.'))
      return { from: argument.text, names: [EVERYTHING] };
  }
  return undefined;
}

function resolveImport(files: Files, importer: string, from: string): string | undefined {
  const path = posix.join(posix.dirname(importer), from);
  const candidates = [path, `${path}.ts`, path.replace(/[.]js$/u, '.ts'), `${path}/index.ts`];
  return candidates.find((one) => files.has(one));
}

/** Whether a type is part of another export of its file, whose callers may have to name it. */
const isInSignature = (type: string, statement: ts.Statement, exported: readonly Exported[]): boolean =>
  exported.some(
    (other) =>
      other.statement !== statement && new RegExp(`\\b${type}\\b`, 'u').test(other.statement.getText()),
  );

/** Exports that no other file imports. A type may be exported with the function that takes or returns it. */
function unusedExports(files: Files): string[] {
  const used = new Map<string, Set<string>>();
  const trees = [...files].map(
    ([path, text]) => [path, ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)] as const,
  );
  for (const [path, tree] of trees) {
    const visit = (node: ts.Node): void => {
      const imported = importedBy(node);
      const target = imported && resolveImport(files, path, imported.from);
      if (target !== undefined)
        used.set(target, new Set([...(used.get(target) ?? []), ...(imported?.names ?? [])]));
      ts.forEachChild(node, visit);
    };
    visit(tree);
  }
  return trees.flatMap(([path, tree]) => {
    const names = used.get(path) ?? new Set();
    if (names.has(EVERYTHING) || LOADED_BY_NAME.test(path)) return [];
    const exported = exportsOf(tree);
    return exported.flatMap(({ names: own, statement }) => {
      const isType = ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement);
      return own
        .filter(
          (name) =>
            !names.has(name) &&
            !(isType && (DECLARED.test(path) || isInSignature(name, statement, exported))),
        )
        .map((name) => `${path}: ${name}`);
    });
  });
}

const filesBelow = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /[.](?:ts|js|mjs|cjs)$/u.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((path) => !/(?:^|\/)(?:node_modules|dist)\/|[.]d[.]ts$/u.test(path));

describe('exports', () => {
  it('are used in another file', () => {
    const files = new Map(
      FOLDERS.flatMap(filesBelow).map((path) => [path, readFileSync(join(ROOT, path), 'utf8')]),
    );
    expect(files.size).toBeGreaterThan(800);
    expect(unusedExports(files)).toEqual([]);
  });

  it('that only their own file uses are found', () => {
    const files = new Map([
      ['mcp/one.ts', 'export const used = 1;\nexport const own = 2;\nexport interface Own { a: string }\n'],
      ['mcp/two.ts', "import { used as one } from './one';\nexport interface Given { a: string }\n"],
      ['mcp/three.ts', 'export interface In { a: string }\nexport const take = (given: In) => given;\n'],
      ['mcp/index.ts', "export { take } from './three';\nexport * as four from './four';\n"],
      ['mcp/four.ts', 'export const any = 1;\n'],
    ]);
    expect(unusedExports(files)).toEqual(['mcp/one.ts: own', 'mcp/one.ts: Own', 'mcp/two.ts: Given']);
    expect(
      unusedExports(new Map([['src/one.ts', 'export const own = 2;\nexport type Own = string;\n']])),
    ).toEqual(['src/one.ts: own']);
  });
});
