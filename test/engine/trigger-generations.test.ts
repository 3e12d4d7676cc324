import { node } from '../support/engine';
import { locator, nextEvents, startLab, triggerType, type Lab } from './lab';

/** The same trigger and the same workflow, whatever generation the server is of. */
describe.each(['current', 'legacy'] as const)(
  'the trigger on a server of the %s generation',
  (generation) => {
    let lab: Lab;
    beforeAll(async () => {
      lab = await startLab({ generation });
    });
    afterAll(() => lab.stop());

    test('replays nothing, then tells the end of an execution and of a deployment once each', async () => {
      const poller = lab.engine.poller(node('Trigger', triggerType, {}, lab.credential));
      const [transfer] = await lab.rows('transfer.create', {
        originEndpointId: locator('vcenter'),
        destinationEndpointId: locator('openstack'),
        instances: ['web-02'],
        destinationEnvironment: { migr_network: 'private' },
      });
      const transferId = locator(String(transfer?.['id']));
      const baseline = await poller.poll();

      const [execution] = await lab.rows('execution.start', { transferId });
      await lab.rows('execution.wait', { transferId, timeoutSeconds: 60 });
      const synced = await nextEvents(poller);
      const [deployment] = await lab.rows('deployment.create', { transferId });
      const deploymentId = locator(String(deployment?.['id']));
      await lab.rows('deployment.wait', { deploymentId, timeoutSeconds: 60 });
      const deployed = await nextEvents(poller);
      const after = await poller.poll();

      expect(baseline).toBeNull();
      expect(synced).toEqual([
        expect.objectContaining({
          key: execution?.['id'],
          kind: 'execution',
          type: 'transfer_execution',
          outcome: 'completed',
          transfer_id: transfer?.['id'],
          instances: ['web-02'],
        }),
      ]);
      expect(deployed).toEqual([
        expect.objectContaining({
          key: deployment?.['id'],
          kind: 'deployment',
          outcome: 'completed',
          transfer_id: transfer?.['id'],
        }),
      ]);
      expect(after).toBeNull();
    });
  },
);
