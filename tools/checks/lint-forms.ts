// n8n's rules for forms read source text, but the forms here are rendered from the catalogue when a node is loaded. So
// each rendered form is written into a file as a literal, as in a hand-written node, and that file is linted.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import type { ESLint as LinterClass } from 'eslint';
import type { INodeType, INodeTypeDescription } from 'n8n-workflow';
import { repositoryRoot } from '../install.mjs';

/** Loads the descriptions of all built nodes in package.json, by class name. */
function nodeDescriptions(): Record<string, INodeTypeDescription> {
  const require = createRequire(join(repositoryRoot, 'package.json'));
  const { n8n } = require('./package.json') as { n8n: { nodes: string[] } };
  return Object.fromEntries(
    n8n.nodes.map((path) => {
      const name = basename(path, '.node.js');
      const exported = require(`./${path}`) as Record<string, new () => INodeType>;
      const Node = exported[name];
      if (!Node) throw new Error(`${path} does not export ${name}`);
      return [name, new Node().description];
    }),
  );
}

/**
 * Rules that are waived:
 * - resources, operations and days are in the order of their use or of the week, not of the alphabet;
 * - actions are sentences with names and the familiar word in brackets, which the rule for case would write as "vms"
 *   and "coriolis", without any punctuation.
 */
const WAIVED: ReadonlySet<string | null> = new Set([
  'n8n-nodes-base/node-param-options-type-unsorted-items',
  'n8n-nodes-base/node-param-operation-option-action-miscased',
]);

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/**
 * Formats a value as a TypeScript literal. Keys are unquoted where possible, because n8n's rules ignore quoted ones.
 */
function literal(value: unknown, indent: string): string {
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    return `[\n${value.map((item) => `${inner}${literal(item, inner)},`).join('\n')}\n${indent}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
    if (entries.length === 0) return '{}';
    const lines = entries.map(([key, entry]) => {
      const name = IDENTIFIER.test(key) ? key : JSON.stringify(key);
      return `${inner}${name}: ${literal(entry, inner)},`;
    });
    return `{\n${lines.join('\n')}\n${indent}}`;
  }
  return typeof value === 'string'
    ? `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
    : String(value);
}

const sourceOf = (
  name: string,
  description: INodeTypeDescription,
): string => `import type { INodeProperties } from 'n8n-workflow';

// The form of the node ${name}, as rendered.
export const ${name.charAt(0).toLowerCase()}${name.slice(1)}Fields: INodeProperties[] = ${literal(description.properties, '')};
`;

/**
 * Lints the rendered forms of all nodes with n8n's rules for forms.
 * @param linterFolder the cached folder that n8n's linter is installed in
 * @returns one line a finding, with the printed line it points at; empty when the forms are clean
 */
export async function lintForms(linterFolder: string): Promise<string[]> {
  const require = createRequire(join(linterFolder, 'package.json'));
  const { ESLint } = require('eslint') as { ESLint: typeof LinterClass };
  const { config } = require('@n8n/node-cli/eslint') as { config: LinterClass.Options['overrideConfig'] };
  const folder = join(repositoryRoot, '.cache', 'forms');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const linter = new ESLint({
    cwd: folder,
    overrideConfigFile: true,
    overrideConfig: config ?? null,
    allowInlineConfig: false,
  });
  for (const [name, description] of Object.entries(nodeDescriptions())) {
    const file = join(folder, 'nodes', name, `${name}Description.ts`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, sourceOf(name, description));
  }
  const results = await linter.lintFiles(['nodes']);
  return results.flatMap((result) => {
    const lines = (result.source ?? '').split('\n');
    return result.messages
      .filter(({ ruleId }) => !WAIVED.has(ruleId))
      .map(
        (message) =>
          `${result.filePath}:${message.line} ${message.message} (${message.ruleId ?? 'parser'})\n    ${(lines[message.line - 1] ?? '').trim()}`,
      );
  });
}
