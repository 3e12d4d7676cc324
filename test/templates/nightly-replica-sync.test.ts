import { locator } from '../engine/lab';
import { onStage, type Stage } from './stage';

/** The nightly sync: everything that matches is synced, and one message tells what is not. */

let stage: Stage;
afterEach(() => stage.stop());

const START = 'Every night at one';

async function addReplica(instance: string, notes: string): Promise<string> {
  const [transfer] = await stage.lab.rows('transfer.create', {
    originEndpointId: locator('vcenter'),
    destinationEndpointId: locator('openstack'),
    instances: [instance],
    destinationEnvironment: { migr_network: 'private' },
    notes,
  });
  return String(transfer?.['id']);
}

test('two that fail and one that is refused make one message, after all others were synced', async () => {
  stage = await onStage('nightly-replica-sync', { settings: { at_once: 2 } });
  await addReplica('fail-replication-vm', 'ERP, nightly');
  await addReplica('fail-worker-vm', 'CRM, nightly');
  await addReplica('web-02', 'weekly');
  const busy = await addReplica('stuck-vm', 'Mail, nightly');
  await stage.lab.rows('execution.start', { transferId: locator(busy) });

  const result = await stage.run(START);

  expect(result.error).toBeUndefined();
  expect(stage.mails).toEqual([expect.objectContaining({ subject: 'Coriolis: 3 replicas not in sync' })]);
  const [{ text } = { text: '' }] = stage.mails;
  expect(text).toContain('ERP, nightly: failed\nREPLICATE_DISKS of');
  expect(text).toContain('The ESXi host performing the CBT export refused connection.');
  expect(text).toContain('CRM, nightly: failed');
  expect(text).toMatch(/Mail, nightly: not started\n.*running/);
  const ended = stage.lab.sandbox.truth().map(({ status }) => status);
  expect(ended.toSorted()).toEqual(['COMPLETED', 'COMPLETED', 'ERROR', 'ERROR']);
});
