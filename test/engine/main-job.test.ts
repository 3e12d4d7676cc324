import type { INodeParameters } from 'n8n-workflow';
import { chain, items, node } from '../support/engine';
import { coriolisType, locator, startLab, type Lab } from './lab';

/**
 * The job that the product is for: a machine moves from one cloud to another, in one workflow, which is the same whatever
 * generation the server is of.
 */
describe.each(['current', 'legacy'] as const)('on a server of the %s generation', (generation) => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab({ generation });
  });
  afterAll(() => lab.stop());

  const step = (name: string, operation: string, parameters: INodeParameters) => {
    const [resource = '', value = ''] = operation.split('.');
    return node(name, coriolisType, { resource, operation: value, ...parameters }, lab.credential);
  };

  const movingWorkflow = (instance: string) =>
    chain(
      items({ instance }),
      step('Validate', 'endpoint.validate', { endpointId: locator('vcenter') }),
      step('Create', 'transfer.create', {
        originEndpointId: locator('vcenter'),
        destinationEndpointId: locator('openstack'),
        instances: "={{ [$('Start').item.json.instance] }}",
        destinationEnvironment: '{"migr_network": "private"}',
        networkMap: 'VM Network=private',
        notes: "={{ 'Move ' + $('Start').item.json.instance }}",
      }),
      step('Execute', 'execution.start', { transferId: locator('={{ $json.id }}') }),
      step('Wait for Sync', 'execution.wait', {
        transferId: locator('={{ $json.transfer_id }}'),
        executionId: locator('={{ $json.id }}'),
        timeoutSeconds: 60,
      }),
      step('Deploy', 'deployment.create', { transferId: locator("={{ $('Create').item.json.id }}") }),
      step('Wait for Machine', 'deployment.wait', {
        deploymentId: locator('={{ $json.id }}'),
        timeoutSeconds: 60,
      }),
    );

  test('validates, transfers, waits, deploys and waits again', async () => {
    const result = await lab.engine.runWorkflow(movingWorkflow('web-02'));

    expect(result.error).toBeUndefined();
    expect(result.status).toBe('success');
    expect(result.rows('Validate')).toEqual([expect.objectContaining({ valid: true })]);
    expect(result.rows('Wait for Sync')).toEqual([expect.objectContaining({ outcome: 'completed' })]);
    expect(result.rows('Wait for Machine')).toEqual([expect.objectContaining({ outcome: 'completed' })]);
    expect(lab.sandbox.listFinishedRuns().slice(-2)).toEqual([
      expect.objectContaining({ status: 'COMPLETED' }),
      expect.objectContaining({ status: 'COMPLETED' }),
    ]);
  });

  test('a failed sync is an outcome to branch on, and its diagnosis names the task', async () => {
    const { nodes, connections } = movingWorkflow('fail-replication-vm');
    const diagnose = step('Diagnose', 'execution.diagnose', {
      transferId: locator("={{ $('Execute').item.json.transfer_id }}"),
      executionId: locator("={{ $('Execute').item.json.id }}"),
    });
    const upTo = nodes.slice(0, 5);

    const result = await lab.engine.runWorkflow({
      nodes: [...upTo, diagnose],
      connections: {
        ...connections,
        'Wait for Sync': { main: [[{ node: 'Diagnose', type: 'main', index: 0 }]] },
      },
    });

    expect(result.error).toBeUndefined();
    expect(result.rows('Wait for Sync')).toEqual([expect.objectContaining({ outcome: 'failed' })]);
    expect(JSON.stringify(result.rows('Diagnose'))).toContain('REPLICATE_DISKS');
    expect(JSON.stringify(result.rows('Diagnose'))).toContain('CBT export refused connection');
  });

  test('whoever watches a manual run sees how far a wait is', async () => {
    const messages: string[] = [];

    const result = await lab.engine.runWorkflow(movingWorkflow('app-02'), {
      mode: 'manual',
      onMessage: (name, message) => messages.push(`${name}: ${message}`),
    });

    expect(result.error).toBeUndefined();
    expect(messages.some((message) => message.startsWith('Wait for Sync: '))).toBe(true);
  });
});
