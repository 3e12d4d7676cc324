import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';

const ROOT = resolve(__dirname, '../..');

/** Methods of the client that send a request. */
const METHODS = new Set(['get', 'getWithDate', 'post', 'put', 'delete', 'getRows']);

/** Files that may hold a path: the client, the resources, and the pages of Coriolis' web interface. */
const MAY_HOLD_PATHS = /^src\/(?:api|requests|resources)\/|^src\/model\/web-page-url[.]ts$/u;

/** Paths of the API that a file writes, and requests that it sends itself. */
function requestsIn(text: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node)) {
      const isPath = ts.isTemplateHead(node) ? /^\/(?:[a-z]|$)/u : /^\/[a-z]/u;
      if (isPath.test(node.text)) found.push(node.text);
    } else if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
      const { expression: object, name } = node.expression;
      if (METHODS.has(name.text) && /(?:^|[.])client$/u.test(object.getText(file)))
        found.push(`${object.getText(file)}.${name.text}`);
    }
    ts.forEachChild(node, visit);
  };
  const file = ts.createSourceFile('file.ts', text, ts.ScriptTarget.Latest, true);
  visit(file);
  return found;
}

describe('requests to Coriolis', () => {
  it('stand in src/api, src/requests and src/resources only', () => {
    const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
      .map((file) => `src/${file}`)
      .filter((file) => file.endsWith('.ts') && !MAY_HOLD_PATHS.test(file));
    expect(files.length).toBeGreaterThan(150);
    const found = files.flatMap((file) =>
      requestsIn(readFileSync(join(ROOT, file), 'utf8')).map((request) => `${file}: ${request}`),
    );
    expect(found).toEqual([]);
  });

  it.each([
    ['a path', 'fetch(path`/transfers/${id}`)', ['/transfers/']],
    ['a list', "requestList({ path: '/minion_pools' })", ['/minion_pools']],
    ['a collection', 'const where = `/${collection}`;', ['/']],
    ['a request', 'await this.coriolis.client.delete(where);', ['this.coriolis.client.delete']],
    ['no path', "new Map().get('a'); client.generation(); import('./x'); `a/b`; `${a}/b`; a.join('/');", []],
  ])('are found: %s', (_, text, expected) => {
    expect(requestsIn(text)).toEqual(expected);
  });
});
