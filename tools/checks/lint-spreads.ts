import { join, relative } from 'node:path';
import ts from 'typescript';

/**
 * Finds redundant and harmful spreads. `...(x === undefined ? {} : { x })` is written `...withoutUndefined({ x })`. A
 * spread whose keys may be undefined replaces earlier defaults by undefined.
 * @param root folder of the repository
 * @returns one line for each finding, with its file and line
 */
export function lintSpreads(root: string): readonly string[] {
  const path = join(root, 'tsconfig.check.json');
  const read = ts.getParsedCommandLineOfConfigFile(
    path,
    {},
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
        throw new Error(ts.flattenDiagnosticMessageText(messageText, '\n'));
      },
    },
  );
  if (read === undefined) throw new Error(`${path} cannot be read`);
  return lintSpreadsOfProgram(ts.createProgram(read.fileNames, { ...read.options, incremental: false }));
}

/** Finds the same spreads in the files of one TypeScript program, without those of packages. */
export function lintSpreadsOfProgram(program: ts.Program): readonly string[] {
  const checker = program.getTypeChecker();
  const findings: string[] = [];
  for (const file of program.getSourceFiles()) {
    if (file.isDeclarationFile || file.fileName.includes('/node_modules/')) continue;
    const report = (node: ts.Node, words: string): void => {
      const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
      findings.push(`${relative(program.getCurrentDirectory(), file.fileName)}:${line + 1} ${words}`);
    };
    const visit = (node: ts.Node): void => {
      if (ts.isObjectLiteralExpression(node)) checkLiteral(node, checker, report);
      ts.forEachChild(node, visit);
    };
    visit(file);
  }
  return findings;
}

function checkLiteral(
  literal: ts.ObjectLiteralExpression,
  checker: ts.TypeChecker,
  report: (node: ts.Node, words: string) => void,
): void {
  const known = new Set<string>();
  for (const property of literal.properties) {
    if (!ts.isSpreadAssignment(property)) {
      if (ts.isIdentifier(property.name) || ts.isStringLiteral(property.name)) known.add(property.name.text);
      continue;
    }
    if (repeatsCondition(property.expression))
      report(property, 'use withoutUndefined instead of a condition');
    const keys = checker.getTypeAtLocation(property.expression).getProperties();
    const overridden = keys
      .filter((key) => known.has(key.name) && mayBeUndefined(key))
      .map(({ name }) => name);
    if (overridden.length > 0) {
      report(property, `an undefined ${overridden.join(', ')} overrides the value before it`);
    }
    for (const { name } of keys) known.add(name);
  }
}

/** Tells whether a key is declared as `key?: T | undefined` or `key: T | undefined`. */
function mayBeUndefined({ valueDeclaration: declared }: ts.Symbol): boolean {
  if (declared === undefined || !ts.isPropertySignature(declared) || declared.type === undefined)
    return false;
  return (
    ts.isUnionTypeNode(declared.type) &&
    declared.type.types.some(({ kind }) => kind === ts.SyntaxKind.UndefinedKeyword)
  );
}

/** Tells whether an expression is `x === undefined ? {} : { x }`, `x !== undefined && { x }`, or the same with another key. */
function repeatsCondition(expression: ts.Expression): boolean {
  const inner = ts.isParenthesizedExpression(expression) ? expression.expression : expression;
  if (ts.isConditionalExpression(inner)) {
    const { condition, whenTrue, whenFalse } = inner;
    return isEmptyObject(whenTrue) && isOnly(whenFalse, comparedWithUndefined(condition));
  }
  return (
    ts.isBinaryExpression(inner) &&
    inner.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken &&
    isOnly(inner.right, comparedWithUndefined(inner.left))
  );
}

const isEmptyObject = (node: ts.Expression): boolean =>
  ts.isObjectLiteralExpression(node) && node.properties.length === 0;

/** Source text of the operand that is compared with undefined. */
function comparedWithUndefined(node: ts.Expression): string | undefined {
  return ts.isBinaryExpression(node) && node.right.getText() === 'undefined'
    ? node.left.getText()
    : undefined;
}

/** Tells whether a node is an object with one key, whose value is written as `text`. */
function isOnly(node: ts.Expression, text: string | undefined): boolean {
  if (text === undefined || !ts.isObjectLiteralExpression(node) || node.properties.length !== 1) return false;
  const [only] = node.properties;
  if (only === undefined) return false;
  if (ts.isShorthandPropertyAssignment(only)) return only.name.text === text;
  return ts.isPropertyAssignment(only) && only.initializer.getText() === text;
}
