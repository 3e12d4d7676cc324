import { startSandbox } from '../../sandbox/sandbox';
import type { Sandbox } from '../../sandbox/sandbox';
import { startUser } from './support/client';
import type { McpUser } from './support/client';
import { createTransfer, endpoints, execute, waitFor } from './support/estate';
import { loginOf } from './support/server';
import { tokens } from './support/tokens';

/** The same conversation, word for word, whatever generation the server is of. */
describe.each(['current', 'legacy'] as const)('on a server of the %s generation', (generation) => {
  let sandbox: Sandbox;
  let user: McpUser;
  beforeAll(async () => {
    sandbox = await startSandbox({ generation, speed: 600 });
    user = await startUser({ env: loginOf(sandbox), args: ['--allow-write'] });
  });
  afterAll(async () => {
    await user.close();
    await sandbox.stop();
  });

  describe('the main job', () => {
    it('moves a machine by following next_steps', async () => {
      const { source, destination } = await endpoints(user);
      const valid = await user.call('validate_endpoint', { endpoint_id: source });
      expect(valid.structured.result).toEqual({ id: source, valid: true });
      const machines = await user.call('list_instances', { endpoint_id: source, search: 'app-01' });
      expect(machines.structured.rows.map(({ instance }) => instance)).toEqual(['app-01']);

      const created = await user.call('create_transfer', {
        origin_endpoint_id: source,
        destination_endpoint_id: destination,
        instances: ['app-01'],
        destination_environment: { migr_network: 'private' },
        network_map: { 'VM Network': 'private', Backend: 'storage-net' },
        notes: 'Moved by an assistant',
        options: { default_storage: 'ceph-ssd' },
      });
      expect(created.structured.result).toMatchObject({
        status: 'UNEXECUTED',
        storage_mappings: { default: 'ceph-ssd' },
      });

      const started = await user.call('execute_transfer', { transfer_id: 'Moved by an assistant' });
      const [wait] = started.structured.next_steps ?? [];
      expect(wait?.tool).toBe('wait_for');
      const synced = await user.call('wait_for', wait?.arguments);
      expect(synced.structured.result).toMatchObject({
        done: true,
        targets: [{ kind: 'execution', outcome: 'completed', status: 'COMPLETED' }],
      });
      expect(tokens(synced.text)).toBeLessThanOrEqual(500);

      const deployed = await user.call('deploy_transfer', {
        transfer_id: String(created.structured.result['id']),
      });
      const [next] = deployed.structured.next_steps ?? [];
      expect(next?.tool).toBe('wait_for');
      const done = await user.call('wait_for', next?.arguments);
      expect(done.structured.result).toMatchObject({
        targets: [{ kind: 'deployment', outcome: 'completed' }],
      });
      expect(sandbox.listFinishedRuns().map(({ id, status }) => [id, status])).toEqual(
        expect.arrayContaining([
          [started.structured.result['id'], 'COMPLETED'],
          [deployed.structured.result['id'], 'COMPLETED'],
        ]),
      );
    });

    it('starts nothing twice when the call is repeated', async () => {
      const transferId = await createTransfer(user, 'slow-vm');
      const first = await execute(user, transferId);

      const { structured } = await user.call('execute_transfer', { transfer_id: transferId });

      expect(structured.already_running).toBe(true);
      expect(structured.result['id']).toBe(first.execution_id);
      expect(structured.next_steps).toEqual([waitFor(first)]);
      await user.call('cancel_execution', first);
    });
  });

  describe('the question why it failed', () => {
    it('is answered by one call of at most 800 tokens, with cause and remedy', async () => {
      const run = await execute(user, await createTransfer(user, 'fail-disk-quota-vm'));
      const waited = await user.call('wait_for_execution', run);
      expect(waited.structured.result['outcome']).toBe('failed');
      expect(waited.structured.next_steps).toEqual([{ tool: 'diagnose', arguments: run }]);

      const { text, structured } = await user.call('diagnose', run);

      expect(tokens(text)).toBeLessThanOrEqual(800);
      expect(structured.result['cause']).toMatchObject({
        instance: 'fail-disk-quota-vm',
        task_type: 'DEPLOY_TRANSFER_DISKS',
      });
      expect(text).toContain('quota');
      expect(structured.result['known_error']).toMatchObject({ retry: expect.any(String) as string });
    });
  });
});
