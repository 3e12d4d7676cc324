'use strict';

const { readdirSync, readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const ts = require('typescript');

/**
 * Adds the catalogue's texts about operations, inputs and results to the compiled declarations, as comments that editors
 * show. The types are derived from data, so the compiler cannot write these texts.
 *
 * @param {string} dist folder of the compiled package
 */
exports.describeTypes = (dist) => {
  const { catalogue, resources } = require(join(dist, 'src', 'catalogue.js'));
  const operations = new Map(
    catalogue.map((operation) => [`${operation.resource}.${operation.name}`, operation]),
  );
  const folder = join(dist, 'src', 'operations');
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.d.ts'))) {
    const path = join(folder, name);
    writeFileSync(path, described(readFileSync(path, 'utf8'), operations));
  }
  const methods = join(dist, 'library', 'methods.d.ts');
  const { toCamelCase, methodNameOf } = require(join(dist, 'library', 'member-names.js'));
  const groups = Object.entries(resources).map(([resource, { plural, description }]) => {
    const own = catalogue
      .filter((operation) => operation.resource === resource)
      .map(({ name, summary, description: more }) => {
        const method = methodNameOf(name);
        return `        ${comment(`${summary}. ${more}`)}\n        readonly ${method}: Group<'${resource}'>['${method}'];`;
      });
    return `    ${comment(description)}\n    readonly ${toCamelCase(plural)}: {\n${own.join('\n')}\n    };`;
  });
  const text = readFileSync(methods, 'utf8');
  const spelled = text.replace(
    /^export type Groups = \{\n[^}]*\};/m,
    () => `export type Groups = {\n${groups.join('\n')}\n};`,
  );
  if (spelled === text) throw new Error(`${methods} has no Groups to describe`);
  writeFileSync(methods, spelled);
};

const comment = (text) => `/** ${text.replaceAll('*/', '* /')} */`;

/** The text of a declaration file with comments before the properties of its operations. */
function described(text, operations) {
  const file = ts.createSourceFile('operations.d.ts', text, ts.ScriptTarget.Latest, true);
  const comments = [];
  const describe = (literal, descriptions) => {
    if (literal === undefined || !ts.isTypeLiteralNode(literal)) return;
    for (const member of literal.members) {
      const description = member.name && descriptions[member.name.getText(file)]?.description;
      if (description) comments.push([member.getStart(file), `${comment(description)}\n    `]);
    }
  };
  const visit = (node) => {
    const [input, , output, resource, operation] = node.typeArguments ?? [];
    if (operation !== undefined) {
      const [one, other] = [resource, operation].map((type) => type.getText(file).replaceAll(/['"]/g, ''));
      const { input: fields, output: view } = operations.get(`${one}.${other}`) ?? {};
      if (fields !== undefined) {
        describe(input, fields);
        describe(output, view.shape);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return comments
    .sort(([one], [other]) => other - one)
    .reduce((whole, [at, comment]) => whole.slice(0, at) + comment + whole.slice(at), text);
}
