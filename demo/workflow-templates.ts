import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IConnections, INode } from 'n8n-workflow';

/** A workflow file. */
export interface WorkflowTemplate {
  readonly name: string;
  readonly nodes: readonly INode[];
  readonly connections: IConnections;
}

export const CORIOLIS_NODE_TYPE = 'n8n-nodes-coriolis.coriolis';
export const TRIGGER_NODE_TYPE = 'n8n-nodes-coriolis.coriolisTrigger';
export const STOP_AND_ERROR_NODE_TYPE = 'n8n-nodes-base.stopAndError';
export const STICKY_NOTE_NODE_TYPE = 'n8n-nodes-base.stickyNote';

/** Reads a shipped workflow. */
export function readTemplate(name: 'migrate-a-vm' | 'alert-on-finished-executions'): WorkflowTemplate {
  const file = join(__dirname, '..', 'templates', `${name}.json`);
  return JSON.parse(readFileSync(file, 'utf8')) as WorkflowTemplate;
}

/** Nodes without sticky notes, in the order of the canvas. */
export const listNodesWithoutStickyNotes = (template: WorkflowTemplate): readonly INode[] =>
  template.nodes
    .filter(({ type }) => type !== STICKY_NOTE_NODE_TYPE)
    .sort((one, other) => one.position[0] - other.position[0] || one.position[1] - other.position[1]);

/** Values that a user enters into the workflow before the first run. */
export interface WorkflowValues {
  readonly origin: string;
  readonly destination: string;
  readonly instances: readonly string[];
  /** JSON text. */
  readonly sourceEnvironment: string;
  /** JSON text. */
  readonly destinationEnvironment: string;
  /** Lines of the form `source=destination`, one for each network. */
  readonly networkMap: string;
  readonly notes: string;
}

/** Enters values into a shipped workflow, as a user would. @returns a changed copy */
export function fillTemplate(template: WorkflowTemplate, choices: WorkflowValues): WorkflowTemplate {
  const { origin, destination, instances, ...texts } = choices;
  const endpoint = (value: string) => ({ endpointId: { __rl: true, mode: 'id', value } });
  const parameters: Readonly<Record<string, object>> = {
    'Check the source': endpoint(origin),
    'Check the destination': endpoint(destination),
    'Create the transfer': { instances, ...texts },
  };
  for (const name of Object.keys(parameters)) {
    if (!template.nodes.some((node) => node.name === name)) {
      throw new Error(`The template has no node "${name}"`);
    }
  }
  return {
    ...template,
    nodes: template.nodes.map((node) => ({
      ...node,
      parameters: { ...node.parameters, ...parameters[node.name] },
    })),
  };
}
