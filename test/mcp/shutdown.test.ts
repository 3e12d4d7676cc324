import { startSandbox } from '../../sandbox/sandbox';
import type { Sandbox } from '../../sandbox/sandbox';
import { until } from '../support/until';
import { connectHttpUser } from './support/client';
import { createTransfer, execute } from './support/estate';
import { serveHttp } from './support/http';
import { loginOf } from './support/server';

/** Calls that wait when the server is ended by SIGTERM: each is answered with the state of its work. */

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ speed: 1 });
});
afterAll(() => sandbox.stop());

it('ends waits with the state of the work and the way to wait again, and exits', async () => {
  const server = await serveHttp(loginOf(sandbox), [
    '--allow-write',
    '--toolsets',
    'all',
    '--max-wait',
    '600',
  ]);
  const user = await connectHttpUser({ url: server.url });
  const run = await execute(user, await createTransfer(user, 'slow-vm'));
  const waiting = new Set<string>();
  const noted = (name: string) => ({ onprogress: () => void waiting.add(name) });
  const wait = user.call('wait_for_execution', { ...run, timeout_seconds: 600 }, noted('one'));
  const several = user.call(
    'wait_for',
    { executions: [`${run.transfer_id}/${run.execution_id}`], timeout_seconds: 600 },
    noted('several'),
  );
  await until(
    'both calls to wait',
    () => waiting.size,
    (count) => count === 2,
  );

  const exit = server.stop();

  for (const { isError, structured } of [await wait, await several]) {
    expect(isError).toBe(false);
    expect(JSON.stringify(structured.result)).toContain('"outcome":"timed_out"');
    expect(JSON.stringify(structured.next_steps)).toContain(run.execution_id);
  }
  expect(await exit).toBe(0);
});
