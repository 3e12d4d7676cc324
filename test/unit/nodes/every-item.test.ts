import { Workflow, type INodeParameters, type INodeTypes } from 'n8n-workflow';
import { renderProperties } from '../../../nodes/render/render-properties';
import { catalogue } from '../../../src/catalogue';

/** The hidden parameter with the inputs of every item, resolved by n8n's own expressions. */

const properties = renderProperties(catalogue);

const expressionOf = (resource: string, operation: string): string =>
  String(
    properties.find(
      ({ name, displayOptions: { show = {} } = {} }) =>
        name === 'everyItem' &&
        show['resource']?.includes(resource) === true &&
        show['operation']?.includes(operation) === true,
    )?.default,
  );

/** Resolves an expression of a node, as the editor does while someone fills in its form. */
async function resolve(
  expression: string,
  parameters: INodeParameters,
  items: readonly INodeParameters[],
): Promise<unknown> {
  const node = {
    id: '1',
    name: 'Coriolis',
    type: 'coriolis',
    typeVersion: 1,
    position: [0, 0] as [number, number],
    parameters,
  };
  const nodeTypes = { getByNameAndVersion: () => undefined } as unknown as INodeTypes;
  const workflow = new Workflow({ nodes: [node], connections: {}, active: false, nodeTypes });
  const data = items.map((json) => ({ json }));
  return await Promise.resolve(
    workflow.expression.getParameterValue(expression, null, 0, 0, 'Coriolis', data, 'manual', {}),
  );
}

test('has the machines of each item, and what is not an expression as it is', async () => {
  const parameters = {
    originEndpointId: { __rl: true, mode: 'id', value: '={{ $json.from }}' },
    destinationEndpointId: { __rl: true, mode: 'list', value: 'openstack' },
    instances: '={{ $json.vm }}',
  };
  const items = [
    { from: 'vcenter', vm: 'web-01' },
    { from: 'esx', vm: 'db-01' },
  ];

  expect(await resolve(expressionOf('transfer', 'create'), parameters, items)).toEqual([
    { originEndpointId: 'vcenter', destinationEndpointId: 'openstack', instances: 'web-01' },
    { originEndpointId: 'esx', destinationEndpointId: 'openstack', instances: 'db-01' },
  ]);
});

test('has the transfer of each item', async () => {
  const parameters = { transferId: { __rl: true, mode: 'id', value: '={{ $json.id }}' } };

  expect(
    await resolve(expressionOf('transfer', 'update'), parameters, [{ id: 'one' }, { id: 'two' }]),
  ).toEqual([{ transferId: 'one' }, { transferId: 'two' }]);
});

test('has machines that were chosen from the list', async () => {
  const parameters = { instances: ['web-01', 'web-02'] };

  expect(await resolve(expressionOf('transfer', 'create'), parameters, [{}])).toMatchObject([
    { instances: ['web-01', 'web-02'] },
  ]);
});
