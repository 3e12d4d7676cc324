import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import ts from 'typescript';

/** No sentence says "1 transfers": a length before a plural is written by `formatCount`, or is known to be more than one. */

const ROOT = resolve(__dirname, '../..');
const FOLDERS = ['library', 'mcp', 'nodes', 'src'];

/** The text after a number that goes with several things only, "machines" or "other machines". */
const PLURAL =
  /^ (?:(?:other|more|failed|usable|source) )?(?!(?:is|has|was|as|its|this|less|characters)\b)[a-z]{2,}s\b/u;
/** A number of things. */
const LENGTH = /\.(?:length|size)(?: [-+] \w+)?$/u;
/** A condition under which there are several, or that tells one from several. */
const SEVERAL = /[=>] ?1\b|> ?[A-Z]|> ?(?:maximum|limit)\b/u;

/** Whether a condition around the node has compared the number. */
function isCompared(node: ts.Node): boolean {
  for (let at = node; !ts.isSourceFile(at); at = at.parent) {
    const condition = ts.isConditionalExpression(at)
      ? at.condition
      : ts.isIfStatement(at)
        ? at.expression
        : undefined;
    if (condition !== undefined && SEVERAL.test(condition.getText())) return true;
  }
  return false;
}

function findingsIn(file: string, text: string): string[] {
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (
      ts.isTemplateSpan(node) &&
      LENGTH.test(node.expression.getText()) &&
      PLURAL.test(node.literal.text) &&
      !isCompared(node)
    ) {
      const { line } = tree.getLineAndCharacterOfPosition(node.getStart());
      found.push(`${file}:${line + 1} \${${node.expression.getText()}}${node.literal.text.slice(0, 30)}`);
    }
    node.forEachChild(visit);
  };
  visit(tree);
  return found;
}

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return ['dist', 'node_modules'].includes(entry.name) ? [] : filesBelow(path);
    return entry.name.endsWith('.ts') ? [path] : [];
  });

it.each(FOLDERS)('%s: a length before a plural is known to be more than one', (folder) => {
  const files = filesBelow(join(ROOT, folder));
  expect(files.length).toBeGreaterThan(0);
  expect(files.flatMap((file) => findingsIn(relative(ROOT, file), readFileSync(file, 'utf8')))).toEqual([]);
});

it('finds what it should', () => {
  expect(findingsIn('a.ts', 'const a = `${rows.length} transfers`;')).toHaveLength(1);
  expect(findingsIn('a.ts', 'const a = `and ${rows.length - 5} other disks`;')).toHaveLength(1);
  expect(findingsIn('a.ts', 'const a = rows.length === 1 ? "one" : `${rows.length} disks`;')).toEqual([]);
  expect(findingsIn('a.ts', 'const a = `${formatCount(rows.length, "disk")} to see`;')).toEqual([]);
});
