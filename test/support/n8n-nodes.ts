import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import {
  NodeHelpers,
  type INodeType,
  type INodeTypeDescription,
  type IVersionedNodeType,
} from 'n8n-workflow';

/** n8n's own nodes, as its package has them; `n8n-nodes.setup.mjs` installs it before the tests. */

const PREFIX = 'n8n-nodes-base.';
const folder = resolve(__dirname, '../../.cache/tools/n8n-nodes-base');
const load = createRequire(join(folder, 'package.json'));

const read = (file: string): unknown =>
  JSON.parse(readFileSync(join(folder, 'node_modules/n8n-nodes-base/dist', file), 'utf8'));

interface Known {
  readonly className: string;
  readonly sourcePath: string;
}

let known: Readonly<Record<string, Known>> | undefined;
let described: readonly INodeTypeDescription[] | undefined;

/** A node of n8n, ready to run; undefined when it has none of that name (`n8n-nodes-base.if`) or version. */
export function n8nNode(type: string, version: number | undefined): INodeType | undefined {
  if (!type.startsWith(PREFIX)) return undefined;
  known ??= read('known/nodes.json') as Readonly<Record<string, Known>>;
  const found = known[type.slice(PREFIX.length)];
  if (found === undefined) return undefined;
  const module = load(`n8n-nodes-base/${found.sourcePath}`) as Readonly<
    Record<string, new () => INodeType | IVersionedNodeType>
  >;
  const Type = module[found.className];
  return Type && NodeHelpers.getVersionedNodeType(new Type(), version);
}

/** What n8n's editor knows of a node of n8n; undefined when there is none of that name and version. */
export function n8nDescription(type: string, version: number): INodeTypeDescription | undefined {
  described ??= read('types/nodes.json') as readonly INodeTypeDescription[];
  return described.find(
    (each) => `${PREFIX}${each.name}` === type && [each.version].flat().includes(version),
  );
}
