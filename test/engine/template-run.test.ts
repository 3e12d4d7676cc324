import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IConnections, INode, INodeParameters } from 'n8n-workflow';
import type { StoredCredential, WorkflowJson } from '../support/engine';
import { locator, startLab, type Lab } from './lab';

/** The template that moves a machine, filled in as its notes say and run: on both generations of servers. */

const template = JSON.parse(readFileSync(join(__dirname, '../../templates/migrate-a-vm.json'), 'utf8')) as {
  readonly nodes: readonly INode[];
  readonly connections: IConnections;
};

/** What a person fills in. */
const filled: Readonly<Record<string, INodeParameters>> = {
  'Check the source': { endpointId: locator('vcenter') },
  'Check the destination': { endpointId: locator('openstack') },
  'Create the transfer': {
    instances: ['web-02'],
    destinationEnvironment: '{"migr_network": "private"}',
    networkMap: 'VM Network=private',
  },
};

const isNote = ({ type }: INode): boolean => type.endsWith('.stickyNote');

/** As far as it goes when nothing fails: n8n's If nodes are not there, so their first way is taken. */
function workflow(credential: StoredCredential): WorkflowJson {
  const ways = Object.entries(template.connections).map(([name, { main }]) => [
    name,
    { main: [main?.[0] ?? []] },
  ]);
  const connections = Object.fromEntries(ways) as IConnections;
  const reached = new Set(['Start']);
  for (const name of reached) {
    for (const next of connections[name]?.['main']?.[0] ?? []) reached.add(next.node);
  }
  const nodes = template.nodes
    .filter((node) => !isNote(node) && reached.has(node.name))
    .map((node) => {
      if (node.type === 'n8n-nodes-base.if') return { ...node, type: 'n8n-nodes-base.noOp', parameters: {} };
      if (!node.type.startsWith('n8n-nodes-coriolis.')) return node;
      return {
        ...node,
        parameters: { ...node.parameters, ...filled[node.name] },
        credentials: { [credential.type]: { id: credential.id, name: credential.name } },
      };
    });
  return { nodes, connections };
}

let lab: Lab | undefined;
afterEach(() => lab?.stop());

test.each(['current', 'legacy'] as const)(
  'moves a machine on a server of the %s generation, as it is',
  async (generation) => {
    lab = await startLab({ generation });

    const result = await lab.engine.runWorkflow(workflow(lab.credential));

    expect(result.error).toBeUndefined();
    expect(result.rows('Wait for the execution')).toEqual([
      expect.objectContaining({ outcome: 'completed' }),
    ]);
    expect(result.rows('Show the new machines')).toEqual([
      expect.objectContaining({ outcome: 'completed', deployed_instances: ['web-02'] }),
    ]);
  },
);
