import type { IConnections, INode, INodeParameters } from 'n8n-workflow';
import type { StoredCredential, WorkflowJson } from './engine';

/** A node of a workflow; its name is its identity. */
export function node(
  name: string,
  type: string,
  parameters: INodeParameters = {},
  credential?: StoredCredential,
  more: Partial<INode> = {},
): INode {
  return {
    id: name,
    name,
    type,
    typeVersion: 1,
    position: [0, 0],
    parameters,
    ...(credential === undefined
      ? {}
      : { credentials: { [credential.type]: { id: credential.id, name: credential.name } } }),
    ...more,
  };
}

/** A start node that emits these objects. */
export const items = (...objects: readonly object[]): INode =>
  node('Start', 'test.items', { items: JSON.stringify(objects) });

/** Nodes one behind the other. */
export function chain(...nodes: readonly INode[]): WorkflowJson {
  const connections: IConnections = {};
  for (const [index, next] of nodes.entries()) {
    const before = nodes[index - 1];
    if (before !== undefined) {
      connections[before.name] = { main: [[{ node: next.name, type: 'main', index: 0 }]] };
    }
  }
  return { nodes, connections };
}
