import { startSandbox } from '../../sandbox/sandbox';
import type { Sandbox } from '../../sandbox/sandbox';
import { expectMet, meetFaults, MEETINGS } from '../support/faults';
import type { Meeting, Met, Told } from '../support/faults';
import { startUser } from './support/client';
import type { McpUser } from './support/client';
import { loginOf } from './support/server';

/** What an assistant is told when something goes wrong on the way. */
describe('the tools', () => {
  let sandbox: Sandbox;
  let user: McpUser;
  let met: ReadonlyMap<Meeting, Met>;
  const told = async (tool: string, transfer: string): Promise<Told> => {
    const { isError, text } = await user.call(tool, { transfer_id: transfer });
    return { failed: isError, text };
  };
  beforeAll(async () => {
    sandbox = await startSandbox({ transfers: 40 });
    user = await startUser({ env: loginOf(sandbox), args: ['--allow-write'] });
    met = await meetFaults(sandbox, {
      read: (transfer) => told('get_transfer', transfer),
      start: (transfer) => told('execute_transfer', transfer),
    });
  });
  afterAll(async () => {
    await user.close();
    await sandbox.stop();
  });

  it.each(MEETINGS)('meet $fault', (meeting) => {
    expectMet(meeting, met.get(meeting));
  });
});
