import { Workflow, type INode, type INodeTypes } from 'n8n-workflow';
import { escapeExpression } from '../../../nodes/lists/drop-down-methods';

/** Names of machines and storage that n8n would evaluate. */

const NAMES = [
  '={{ 7*7 }}',
  '=1+1',
  '={{ $env.HOME }}',
  '= }} {{ "x"',
  '={{ "\\" }}',
  "='quoted'",
  '=${x}',
  '=\n=b',
];

const node: INode = { id: '1', name: 'Node', type: 't', typeVersion: 1, position: [0, 0], parameters: {} };
const workflow = new Workflow({
  nodes: [node],
  connections: {},
  active: false,
  nodeTypes: { getByNameAndVersion: () => ({ description: { properties: [] } }) } as unknown as INodeTypes,
});

test.each(NAMES)('%j is picked as it reads', (name) => {
  expect(workflow.expression.getSimpleParameterValue(node, escapeExpression(name), 'manual', {})).toBe(name);
});

test.each(['web-01', ' =x', '[PROD] web', ''])('%j is offered as it is', (name) => {
  expect(escapeExpression(name)).toBe(name);
});
