import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import ts from 'typescript';

// Rules for names and doc comments that a program can check exactly (CONTRIBUTING.md, "Rules").

const ROOT = resolve(__dirname, '../..');
const FOLDERS = ['command-line', 'credentials', 'demo', 'library', 'mcp', 'nodes', 'sandbox', 'src', 'tools'];

/** Beginnings that say a motive or point at something unnamed, instead of saying what the thing is or does. */
const UNCLEAR_START = /^(?:What|How|Why|Which|Who|Where|When|It|Its|That|These|They|Ours)\b/u;
/** Superlatives in constants: a limit is a maximum or a minimum. */
const SUPERLATIVE = /^(?:MOST|FEWEST|LEAST|LONGEST|SHORTEST|DEEPEST|LARGEST|SMALLEST)(?:_|$)/u;

interface Comment {
  readonly line: number;
  /** Text of the comment, without tags; empty when it has only tags. */
  readonly text: string;
  /** Commented declaration. */
  readonly node: ts.Node;
}

function nodesOf(node: ts.Node): ts.Node[] {
  const found: ts.Node[] = [node];
  node.forEachChild((child) => void found.push(...nodesOf(child)));
  return found;
}

/** Doc comments directly before a declaration, one for each declaration. */
function commentsOf(tree: ts.SourceFile): Comment[] {
  return nodesOf(tree).flatMap((node) => {
    const jsDoc = (node as { readonly jsDoc?: readonly ts.JSDoc[] }).jsDoc?.at(-1);
    if (jsDoc === undefined) return [];
    const line = tree.getLineAndCharacterOfPosition(jsDoc.getStart()).line + 1;
    return [{ line, text: ts.getTextOfJSDocComment(jsDoc.comment)?.trim() ?? '', node }];
  });
}

/** Written type of a declaration's value, or of a function's result; undefined when it is inferred. */
function typeOf(node: ts.Node): string | undefined {
  if (ts.isInterfaceDeclaration(node) || ts.isClassDeclaration(node)) return 'object';
  const declared = ts.isVariableStatement(node) ? node.declarationList.declarations[0] : node;
  if (declared === undefined) return undefined;
  const { type, initializer } = declared as ts.VariableDeclaration;
  const isFunction = initializer !== undefined && ts.isArrowFunction(initializer);
  return (type ?? (isFunction ? initializer.type : undefined))?.getText();
}

const isFunctionLike = (node: ts.Node): boolean =>
  ts.isFunctionDeclaration(node) ||
  ts.isMethodDeclaration(node) ||
  (ts.isVariableStatement(node) &&
    node.declarationList.declarations.some(
      ({ initializer }) => initializer !== undefined && ts.isArrowFunction(initializer),
    ));

function findingsIn(file: string, text: string): string[] {
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const at = (line: number, problem: string): string => `${file}:${line} ${problem}`;
  const comments = commentsOf(tree).flatMap(({ line, text: first, node }) => {
    const type = typeOf(node);
    if (UNCLEAR_START.test(first)) return [at(line, `begins with "${first.split(/\s/u, 1)[0] ?? ''}"`)];
    if (first.startsWith('Whether') && type !== undefined && !/\b(?:boolean|true|false|is)\b/u.test(type)) {
      return [at(line, `begins with "Whether" before ${type}`)];
    }
    if (first === '' && isFunctionLike(node)) return [at(line, 'has tags and no text')];
    return [];
  });
  const names = nodesOf(tree).flatMap((node) =>
    ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && SUPERLATIVE.test(node.name.text)
      ? [
          at(
            tree.getLineAndCharacterOfPosition(node.getStart()).line + 1,
            `${node.name.text}: say MAX_ or MIN_`,
          ),
        ]
      : [],
  );
  return [...comments, ...names];
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return ['dist', 'node_modules'].includes(entry.name) ? [] : filesBelow(path);
    return /\.(?:ts|mjs)$/u.test(entry.name) && !entry.name.endsWith('.d.ts') ? [path] : [];
  });
}

it.each(FOLDERS)('%s: first lines of comments say what a thing is or does', (folder) => {
  const files = filesBelow(join(ROOT, folder));
  expect(files.length).toBeGreaterThan(0);
  expect(files.flatMap((file) => findingsIn(relative(ROOT, file), readFileSync(file, 'utf8')))).toEqual([]);
});

it.each([
  ['/** What a thing needs. */\nexport interface A {}', 'begins with "What"'],
  [
    '/** Whether it is new. */\nexport function a(): string { return ""; }',
    'begins with "Whether" before string',
  ],
  [
    'interface A {\n  /** Whether it is new. */\n  readonly a?: number;\n}',
    'begins with "Whether" before number',
  ],
  ['/** @throws {Error} always */\nfunction a() {}', 'has tags and no text'],
  ['const MOST_ROWS = 5;', 'MOST_ROWS: say MAX_ or MIN_'],
])('finds %j', (text, problem) => {
  expect(findingsIn('file.ts', text)).toEqual([expect.stringContaining(problem)]);
});

it.each([
  '/** Whether it is new. */\nexport const a = (one: object): one is Date => true;',
  '/** Whether it is new. */\nexport const a = () => true;',
  'interface A {\n  /** Whether it is new. */\n  readonly a?: true;\n}',
  'class A {\n  /** @param a the size */\n  constructor(a: number) {}\n}',
])('accepts %j', (text) => {
  expect(findingsIn('file.ts', text)).toEqual([]);
});
