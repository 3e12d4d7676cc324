import {
  NodeConnectionTypes,
  type IExecuteFunctions,
  type INodeProperties,
  type INodeType,
} from 'n8n-workflow';

const described = (
  name: string,
  inputs: INodeType['description']['inputs'],
  properties: INodeProperties[] = [],
): INodeType['description'] => ({
  displayName: name,
  name,
  group: inputs.length === 0 ? ['trigger'] : ['transform'],
  version: 1,
  description: name,
  defaults: { name },
  inputs,
  outputs: [NodeConnectionTypes.Main],
  properties,
});

function passThrough(name: string, inputs: INodeType['description']['inputs']): INodeType {
  return {
    description: described(name, inputs),
    async execute(this: IExecuteFunctions) {
      return [this.getInputData()];
    },
  };
}

const jsonParameter = (name: string): INodeProperties => ({
  displayName: name,
  name,
  type: 'json',
  default: '[]',
});

/** Emits the objects of its parameter as items. */
function itemsNode(): INodeType {
  return {
    description: described('items', [], [jsonParameter('items')]),
    async execute(this: IExecuteFunctions) {
      const items = JSON.parse(this.getNodeParameter('items', 0) as string) as object[];
      return [items.map((json) => ({ json: { ...json } }))];
    },
  };
}

interface Tool {
  readonly name: string;
  readonly description: string;
  readonly schema: { readonly shape: Record<string, unknown> };
  invoke(args: unknown): Promise<unknown>;
}

/** Calls the one tool attached to it, as an AI agent does, with the arguments of its parameter; no model is involved. */
function agentNode(): INodeType {
  return {
    description: described(
      'agent',
      [NodeConnectionTypes.Main, { type: NodeConnectionTypes.AiTool, displayName: 'Tools' }],
      [jsonParameter('args')],
    ),
    async execute(this: IExecuteFunctions) {
      const tools = (await this.getInputConnectionData(NodeConnectionTypes.AiTool, 0)) as Tool[];
      const [tool] = tools;
      if (tool === undefined) throw new Error('No tool is attached');
      const about = {
        name: tool.name,
        description: tool.description,
        arguments: Object.keys(tool.schema.shape),
      };
      try {
        const result = await tool.invoke(JSON.parse(this.getNodeParameter('args', 0) as string));
        return [[{ json: { ...about, result: String(result) } }]];
      } catch (error) {
        return [[{ json: { ...about, error: (error as Error).message } }]];
      }
    },
  };
}

/** Nodes that stand in for those of n8n's own package, which the engine does not bring along. */
export const standIns: ReadonlyMap<string, INodeType> = new Map([
  ['n8n-nodes-base.manualTrigger', passThrough('manualTrigger', [])],
  ['n8n-nodes-base.noOp', passThrough('noOp', [NodeConnectionTypes.Main])],
  ['test.items', itemsNode()],
  ['test.agent', agentNode()],
]);
