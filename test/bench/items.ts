import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { INode, INodeType, IVersionedNodeType } from 'n8n-workflow';
import type { SandboxConnection } from '../../sandbox/sandbox';
import { chain, items as itemsNode, node, type Engine } from '../support/engine';
import { installTool } from '../../tools/install.mjs';
import { engineFor } from './engine';
import { atLeast, median, type Benchmark, type Figure } from './figure';
import { withSandboxProcess } from '../support/sandbox-process';

const ITEMS = 1000;
const ROUNDS = 9;
const STOCK_VERSION = 4.2;
const STOCK = 'n8n-nodes-base.httpRequest';

/** Items through the Coriolis node, against the HTTP Request node of n8n with the same credential and the same calls. */
export const items: Benchmark = {
  name: 'items',
  title: `${ITEMS} items through two nodes, ${ROUNDS} rounds`,
  run: () => withSandboxProcess({}, measure),
};

/** n8n's own node, from its package in the cache. */
async function stockNode(): Promise<INodeType> {
  const folder = await installTool(
    'n8n-nodes-base',
    "n8n's HTTP Request node (once, 340 MB, about a minute)",
  );
  const load = createRequire(join(folder, 'package.json'));
  const { HttpRequest } = load('n8n-nodes-base/dist/nodes/HttpRequest/HttpRequest.node.js') as {
    HttpRequest: new () => IVersionedNodeType;
  };
  const type = new HttpRequest().nodeVersions[STOCK_VERSION];
  if (type === undefined) throw new Error(`n8n's HTTP Request node has no version ${STOCK_VERSION}`);
  return type;
}

async function measure(connection: SandboxConnection): Promise<readonly Figure[]> {
  const { engine, credential } = await engineFor(connection, new Map([[STOCK, await stockNode()]]));
  const list = node(
    'List',
    'n8n-nodes-coriolis.coriolis',
    { resource: 'endpoint', operation: 'getAll', returnAll: true },
    credential,
  );
  const [endpoint] = (await engine.runWorkflow(chain(itemsNode({}), list))).rows('List');
  const start = itemsNode(...Array.from({ length: ITEMS }, () => ({ id: endpoint?.['id'] })));

  const ours = node(
    'Work',
    'n8n-nodes-coriolis.coriolis',
    {
      resource: 'endpoint',
      operation: 'get',
      endpointId: { __rl: true, mode: 'id', value: '={{ $json.id }}' },
    },
    credential,
  );
  const stock = node(
    'Work',
    STOCK,
    {
      method: 'GET',
      url: `=${connection.coriolis_url}/endpoints/{{ $json.id }}`,
      authentication: 'predefinedCredentialType',
      nodeCredentialType: credential.type,
      options: {},
    },
    credential,
    { typeVersion: STOCK_VERSION },
  );
  const ratios: number[] = [];
  for (let round = -1; round < ROUNDS; round += 1) {
    const [first, second] = round % 2 === 0 ? [ours, stock] : [stock, ours];
    const one = await millisecondsOf(engine, start, first);
    const other = await millisecondsOf(engine, start, second);
    // The first round warms both up.
    if (round >= 0) ratios.push(first === ours ? other / one : one / other);
  }
  return [
    {
      name: `${ITEMS} items through the Coriolis node`,
      value: median(ratios),
      unit: '× the speed',
      against: `of n8n's HTTP Request node with the same credential and calls in the same engine, median of ${ROUNDS} interleaved rounds`,
      budget: atLeast(1),
    },
  ];
}

async function millisecondsOf(engine: Engine, start: INode, work: INode): Promise<number> {
  const begin = performance.now();
  const result = await engine.runWorkflow(chain(start, work));
  const took = performance.now() - begin;
  if (result.error !== undefined) throw new Error(`${work.type}: ${result.error.message}`);
  const count = result.items('Work').length;
  if (count !== ITEMS) throw new Error(`${work.type} gave ${count} items instead of ${ITEMS}`);
  return took;
}
