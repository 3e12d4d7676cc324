import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';

const FOLDER = resolve(__dirname, '../../src/operations');
const files = readdirSync(FOLDER).filter((file) => file.endsWith('.ts'));

/** Result views that a file declares: they belong to the resource or the playbook. */
function viewsIn(file: ts.SourceFile): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'view')
      found.push('view');
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** Whether a function makes a part of operations: an object, or the call of a function that makes one. */
function makesPart(node: ts.ArrowFunction): boolean {
  let body: ts.Node = node.body;
  while (ts.isParenthesizedExpression(body)) body = body.expression;
  return ts.isObjectLiteralExpression(body) || ts.isCallExpression(body);
}

/** Top-level functions of a file that do anything else than make parts of operations, types that it exports, and views: they belong to lower floors. */
function misplaced(text: string): string[] {
  const file = ts.createSourceFile('file.ts', text, ts.ScriptTarget.Latest, true);
  const takesServer = (node: ts.Node | undefined): boolean =>
    node !== undefined &&
    ts.isArrowFunction(node) &&
    node.parameters.some(({ type }) => type?.getText(file) === 'Coriolis');
  const isExported = (node: ts.Node): boolean =>
    ts.canHaveModifiers(node) &&
    (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
  const declared = file.statements.flatMap((node) => {
    if (ts.isFunctionDeclaration(node)) return [node.name?.text ?? ''];
    if (ts.isVariableStatement(node))
      return node.declarationList.declarations
        .filter(
          ({ initializer }) =>
            initializer !== undefined &&
            ts.isArrowFunction(initializer) &&
            (takesServer(initializer) || !makesPart(initializer)),
        )
        .map(({ name }) => name.getText(file));
    const isType = ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node);
    return isType && isExported(node) ? [node.name.text] : [];
  });
  return [...declared, ...viewsIn(file)];
}

describe('src/operations', () => {
  it.each(files)(
    '%s holds operations and their parts: no other function, exported type or result view',
    (file) => {
      expect(misplaced(readFileSync(join(FOLDER, file), 'utf8'))).toEqual([]);
    },
  );

  it.each([
    ['async function find(coriolis: Coriolis, id: string) {}', ['find']],
    ['const find = async ({ client }: Coriolis) => client;', ['find']],
    ['function refusalOf(status: string) { return status; }', ['refusalOf']],
    ['const headline = ({ name }: Row) => `${name}.`;', ['headline']],
    ['const hooks = (goal: string) => ({ goal });', []],
    ['export interface End { readonly id: string }', ['End']],
    ['const list = defineListOperation({ output: view<Row>()({ id: key.text("Id") }) });', ['view']],
    [
      'interface Row { readonly id: string }\nconst list = defineListOperation({ run: (coriolis) => [] });',
      [],
    ],
  ])('%s', (text, expected) => {
    expect(misplaced(text)).toEqual(expected);
  });
});
