import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { connect, one, rows } from '../support/coriolis';
import { startUser, type McpUser } from './support/client';
import { loginOf } from './support/server';

/** The schedules of all transfers cost a request for each transfer: a page that reads many says where it stopped. */

let sandbox: Sandbox;
let user: McpUser;
let oldest = '';
beforeAll(async () => {
  sandbox = await startSandbox({ transfers: 350, watcherQuirks: false });
  const coriolis = connect(sandbox, sandbox.connection.admin);
  const all = await rows(coriolis, 'transfer.getAll', {}, {}, 'full');
  oldest = String(all.at(-1)?.row['id']);
  await one(coriolis, 'schedule.create', { transferId: oldest, minute: 0, hour: 3 });
  user = await startUser({ env: loginOf(sandbox) });
});
afterAll(async () => {
  await user.close();
  await sandbox.stop();
});

it('a page that ends early says what was not read, and its cursor leads to the rest', async () => {
  const first = await user.call('list_schedules', { within_hours: 48 });
  const { rows: found, page, warnings } = first.structured;
  expect(found.map(({ transfer_id: id }) => id)).not.toContain(oldest);
  expect(warnings).toEqual([expect.stringMatching(/300 transfers.* were not\. Continue with/u)]);

  const rest = await user.call('list_schedules', {
    within_hours: 48,
    cursor: (page as { readonly next_cursor: string }).next_cursor,
  });
  expect(rest.structured.rows).toMatchObject([{ transfer_id: oldest, state: 'enabled' }]);
  expect(rest.structured).not.toHaveProperty('page');
  expect(rest.structured).not.toHaveProperty('warnings');
});
