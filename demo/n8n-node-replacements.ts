import {
  NodeConnectionTypes,
  NodeOperationError,
  type IExecuteFunctions,
  type INodeExecutionData,
  type INodeProperties,
  type INodeType,
} from 'n8n-workflow';
import { textOrEmpty } from './text-or-empty';

/**
 * Replacements for n8n's own nodes in the shipped workflow, by node type. n8n's package of 400 nodes is too heavy for a
 * demo. Conditions are still evaluated by n8n's engine.
 */
export const n8nNodeReplacements: Readonly<Record<string, INodeType>> = {
  'n8n-nodes-base.manualTrigger': node(
    'Manual Trigger',
    [1],
    { inputs: 0, outputs: 1 },
    [],
    async function () {
      return [this.getInputData()];
    },
  ),

  'n8n-nodes-base.if': node(
    'If',
    [2.2],
    { inputs: 1, outputs: 2 },
    [
      {
        displayName: 'Conditions',
        name: 'conditions',
        type: 'filter',
        default: {},
        typeOptions: { filter: { caseSensitive: true, typeValidation: 'strict', version: 2 } },
      },
    ],
    async function () {
      const passed: INodeExecutionData[] = [];
      const refused: INodeExecutionData[] = [];
      this.getInputData().forEach((item, index) => {
        const holds = this.getNodeParameter('conditions', index, false, { extractValue: true });
        (holds === true ? passed : refused).push({ ...item, pairedItem: { item: index } });
      });
      return [passed, refused];
    },
  ),

  'n8n-nodes-base.stopAndError': node(
    'Stop and Error',
    [1],
    { inputs: 1, outputs: 0 },
    [{ displayName: 'Error Message', name: 'errorMessage', type: 'string', default: '' }],
    async function () {
      throw new NodeOperationError(this.getNode(), textOrEmpty(this.getNodeParameter('errorMessage', 0)));
    },
  ),
};

function node(
  displayName: string,
  version: number[],
  { inputs, outputs }: { inputs: number; outputs: number },
  properties: INodeProperties[],
  execute: (this: IExecuteFunctions) => Promise<INodeExecutionData[][]>,
): INodeType {
  const main = (count: number) => Array.from({ length: count }, () => NodeConnectionTypes.Main);
  return {
    description: {
      displayName,
      name: displayName,
      group: ['transform'],
      version,
      description: '',
      defaults: { name: displayName },
      inputs: main(inputs),
      outputs: main(outputs),
      properties,
    },
    execute,
  };
}
