import { startSandbox } from '../../sandbox/sandbox';
import type { Sandbox } from '../../sandbox/sandbox';
import { startUser } from './support/client';
import type { McpUser } from './support/client';
import { createTransfer, execute, waitFor } from './support/estate';
import { loginOf } from './support/server';
import { tokens } from './support/tokens';

let sandbox: Sandbox;
let user: McpUser;
let run: { readonly transfer_id: string; readonly execution_id: string };
beforeAll(async () => {
  sandbox = await startSandbox({ speed: 1 });
  user = await startUser({ env: loginOf(sandbox), args: ['--allow-write', '--max-wait', '3'] });
  run = await execute(user, await createTransfer(user, 'slow-vm'));
});
afterAll(async () => {
  await user.close();
  await sandbox.stop();
});

describe('a wait that ends before the work', () => {
  it('is no error, says that the work goes on and how to wait again', async () => {
    const { isError, text, structured } = await user.call('wait_for_execution', {
      ...run,
      timeout_seconds: 1,
    });

    expect(isError).toBe(false);
    expect(structured.result).toMatchObject({ outcome: 'timed_out', status: 'RUNNING' });
    expect(structured.next_steps).toEqual([waitFor(run, 1)]);
    expect(structured.warnings).toBeUndefined();
    expect(tokens(text)).toBeLessThanOrEqual(500);
  });

  it('is cut to the longest wait that the operator allows', async () => {
    const { structured } = await user.call(
      'wait_for_execution',
      { ...run, timeout_seconds: 86_400 },
      { onprogress: () => undefined },
    );

    expect(structured.result['outcome']).toBe('timed_out');
    expect(structured.warnings?.[0]).toContain('3 s');
  });

  it('waits 45 s at most for a client that hears nothing meanwhile', async () => {
    const patient = await startUser({ env: loginOf(sandbox), args: ['--max-wait', '600'] });
    const refusal = await patient.call('wait_for_execution', { ...run, timeout_seconds: 'long' });
    expect(refusal.text).toContain('timeout_seconds');
    expect(patient.instructions()).toContain(
      'after 45 s; clients that show progress may ask for up to 600 s',
    );
    await patient.close();
  });
});

describe('a client that gives up waiting', () => {
  it('stops the polling, but not the work', async () => {
    const patient = await startUser({ env: loginOf(sandbox), args: ['--max-wait', '600'] });
    const gaveUp = new AbortController();
    const waiting = patient.call('wait_for_execution', run, {
      signal: gaveUp.signal,
      onprogress: () => gaveUp.abort(),
    });
    await expect(waiting).rejects.toThrow();
    // Whatever was on its way has ended when another call on the same connection has been answered.
    await patient.call('get_execution', run);
    sandbox.requests.clear();
    await new Promise((resolve) => setTimeout(resolve, 3500));

    expect(sandbox.requests.total).toBe(0);
    const { structured } = await patient.call('get_execution', run);
    expect(structured.result['status']).toBe('RUNNING');
    await patient.close();
  });

  it('lets the server end although a wait was going on', async () => {
    const patient = await startUser({ env: loginOf(sandbox), args: ['--max-wait', '600'] });
    const heard = new Promise<void>((resolve) => {
      patient.call('wait_for_execution', run, { onprogress: () => resolve() }).catch(() => undefined);
    });
    await heard;

    await expect(patient.close()).resolves.toBeUndefined();

    sandbox.requests.clear();
    await new Promise((resolve) => setTimeout(resolve, 3500));
    expect(sandbox.requests.total).toBe(0);
  });
});
