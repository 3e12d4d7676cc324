import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { node } from '../support/engine';
import { coriolisType, locator, startLab, type Lab } from './lab';

/** The node as a tool of an AI agent, as n8n derives it; the agent is a stand-in that makes the calls of a model. */

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

async function call(operation: string, parameters: INodeParameters, args: IDataObject) {
  const [resource = '', value = ''] = operation.split('.');
  const result = await lab.engine.runWorkflow({
    nodes: [
      node('Start', 'n8n-nodes-base.manualTrigger'),
      node('Agent', 'test.agent', { args: JSON.stringify(args) }),
      node('Coriolis', `${coriolisType}Tool`, { resource, operation: value, ...parameters }, lab.credential),
    ],
    connections: {
      Start: { main: [[{ node: 'Agent', type: 'main', index: 0 }]] },
      Coriolis: { ai_tool: [[{ node: 'Agent', type: 'ai_tool', index: 0 }]] },
    },
  });
  expect(result.error).toBeUndefined();
  return result.rows('Agent')[0] ?? {};
}

const byAi = (key: string, type = 'string') => `={{ $fromAI('${key}', 'from the model', '${type}') }}`;

test('its arguments are those that the parameters leave to the model', async () => {
  const answer = await call(
    'instance.get',
    { endpointId: locator(byAi('endpoint')), instance: locator(byAi('instance')) },
    { endpoint: 'vcenter', instance: 'db-01' },
  );

  expect(answer['arguments']).toEqual(['endpoint', 'instance']);
  expect(JSON.parse(String(answer['result']))).toEqual([expect.objectContaining({ name: 'db-01' })]);
});

test('a list of machines may come from the model', async () => {
  const answer = await call(
    'transfer.create',
    {
      originEndpointId: locator('vcenter'),
      destinationEndpointId: locator('openstack'),
      instances: byAi('machines', 'json'),
      destinationEnvironment: byAi('environment', 'json'),
    },
    { machines: ['web-01', 'web-02'], environment: { migr_network: 'private' } },
  );

  expect(JSON.parse(String(answer['result']))).toEqual([
    expect.objectContaining({ instances: ['web-01', 'web-02'] }),
  ]);
});

test('every kind of parameter may come from the model: locators, maps, environments, flags, numbers in a collection', async () => {
  const answer = await call(
    'migration.create',
    {
      originEndpointId: locator(byAi('origin')),
      destinationEndpointId: locator(byAi('destination')),
      instances: byAi('machines', 'json'),
      destinationEnvironment: byAi('environment', 'json'),
      networkMap: byAi('networks'),
      shutdownInstances: byAi('shutdown', 'boolean'),
      options: { replicationCount: byAi('passes', 'number'), storageMappings: byAi('storage', 'json') },
    },
    {
      origin: 'vcenter',
      destination: 'openstack',
      machines: ['web-03'],
      environment: { migr_network: 'private' },
      networks: 'VM Network=private',
      shutdown: true,
      passes: 3,
      storage: { datastore1: 'ceph-ssd' },
    },
  );

  expect(answer['error']).toBeUndefined();
  const [migration] = JSON.parse(String(answer['result'])) as [IDataObject];
  expect(migration).toMatchObject({ instances: ['web-03'], shutdown_instances: true, replication_count: 3 });
  const [transfer] = await lab.rows('transfer.get', { transferId: locator(String(migration['id'])) });
  expect(transfer).toMatchObject({
    network_map: { 'VM Network': 'private' },
    destination_environment: { migr_network: 'private' },
    storage_mappings: { backend_mappings: [{ source: 'datastore1', destination: 'ceph-ssd' }] },
  });
});

test('an error reaches the model with the words of the server and what to do', async () => {
  const answer = await call(
    'transfer.get',
    { transferId: locator(byAi('transfer')) },
    { transfer: '12345678-1234-4234-8234-123456789abc' },
  );

  expect(answer['error']).toContain('12345678-1234-4234-8234-123456789abc');
  expect(answer['error']).toContain('Check the id');
});

test('bad input names the parameter', async () => {
  const answer = await call(
    'execution.wait',
    {
      transferId: locator(byAi('transfer')),
      executionId: locator(byAi('execution')),
      timeoutSeconds: byAi('seconds'),
    },
    { transfer: 'a', execution: 'b', seconds: 'soon' },
  );

  expect(answer['error']).toContain(
    'Timeout must be a duration such as 90m or 2h, or a whole number of seconds',
  );
});
