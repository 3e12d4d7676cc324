import { Builder, HOUR, type World } from '../evals/world';
import { startUser, type McpUser } from './support/client';
import { loginOf } from './support/server';

/** Who starts a transfer whose run stands still is told so, with the calls that look, wait and cancel. */

let world: World;
let user: McpUser;
let ids: { readonly transfer_id: string; readonly execution_id: string };
beforeAll(async () => {
  const past = await Builder.start(5 * HOUR);
  const [source, destination] = [
    await past.endpoint('vcenter', 'vmware_vsphere'),
    await past.endpoint('openstack', 'openstack'),
  ];
  await past.plan('Stuck', source, destination, ['stuck-vm']);
  await past.execute('Stuck');
  past.at(4 * HOUR);
  world = past.done();
  user = await startUser({ env: loginOf(world.sandbox), args: ['--allow-write'] });
  const { structured } = await user.call('list_executions', { transfer_id: 'Stuck' });
  ids = { transfer_id: past.idOf('Stuck'), execution_id: String(structured.rows[0]?.['id']) };
});
afterAll(async () => {
  await user.close();
  await world.stop();
});

it('a start says since when the run stands still, and offers the choices', async () => {
  const { structured } = await user.call('execute_transfer', { transfer_id: 'Stuck' });

  expect(structured).toMatchObject({ already_running: true, result: { id: ids.execution_id } });
  expect(structured.summary).toMatch(/without any change for .* \(already running\)$/u);
  expect(Date.parse(String(structured.result['last_progress_at']))).toBeLessThan(
    Date.now() - 3 * HOUR * 1000,
  );
  expect(structured.result['choices']).toHaveLength(3);
  expect(structured.next_steps).toEqual([
    { tool: 'diagnose', arguments: ids },
    {
      tool: 'wait_for',
      arguments: {
        executions: [`${ids.transfer_id}/${ids.execution_id}`],
        timeout_seconds: expect.any(Number) as number,
      },
    },
    { tool: 'cancel_execution', arguments: ids },
  ]);
});

it('a start of several says which stands still', async () => {
  const { structured } = await user.call('execute_transfer', { transfer_ids: ['Stuck'] });

  expect(structured.summary).toContain('1 of the running stalled: diagnose, wait or cancel');
  expect(structured.result['rows']).toMatchObject([
    { outcome: 'running', id: ids.execution_id, stalled_seconds: expect.any(Number) as number },
  ]);
});
