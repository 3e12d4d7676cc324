import { NodeConnectionTypes, type IExecuteFunctions, type INodeType } from 'n8n-workflow';

interface Tool {
  readonly name: string;
  invoke(args: unknown): Promise<unknown>;
}

/** What the language model of an agent does: it reads the prompt, calls tools, and answers. */
export type Agent = (prompt: string, tools: ReadonlyMap<string, Tool>) => Promise<string>;

/** An agent whose language model is a function of the test: it reads the prompt and calls the tools. */
export const agentNode = (think: Agent): INodeType => ({
  description: {
    displayName: 'Agent',
    name: 'agent',
    group: ['transform'],
    version: 2.2,
    description: '',
    defaults: { name: 'Agent' },
    inputs: [
      NodeConnectionTypes.Main,
      { type: NodeConnectionTypes.AiLanguageModel, displayName: 'Model' },
      { type: NodeConnectionTypes.AiTool, displayName: 'Tools' },
    ],
    outputs: [NodeConnectionTypes.Main],
    properties: [{ displayName: 'Text', name: 'text', type: 'string', default: '' }],
  },
  async execute(this: IExecuteFunctions) {
    const tools = (await this.getInputConnectionData(NodeConnectionTypes.AiTool, 0)) as Tool[];
    const named = new Map(tools.map((tool) => [tool.name, tool]));
    const answers = this.getInputData().map(async (_, index) => ({
      json: { output: await think(String(this.getNodeParameter('text', index)), named) },
      pairedItem: { item: index },
    }));
    return [await Promise.all(answers)];
  },
});

/** A language model that is never asked. */
export const modelNode: INodeType = {
  description: {
    displayName: 'Model',
    name: 'model',
    group: ['transform'],
    version: 1.2,
    description: '',
    defaults: { name: 'Model' },
    inputs: [],
    outputs: [NodeConnectionTypes.AiLanguageModel],
    properties: [],
  },
};
