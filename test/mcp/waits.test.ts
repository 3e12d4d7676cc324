import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { startSandbox } from '../../sandbox/sandbox';
import type { Sandbox } from '../../sandbox/sandbox';
import { startUser } from './support/client';
import type { McpUser, Row } from './support/client';
import { createTransfer, execute, waitFor } from './support/estate';
import { built, loginOf } from './support/server';
import { tokens } from './support/tokens';
import { quiet } from '../support/quiet';

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

  it('may be given with a unit', async () => {
    const { structured } = await user.call('wait_for_execution', { ...run, timeout_seconds: '1s' });

    expect(structured.result).toMatchObject({ outcome: 'timed_out' });
    expect(structured.next_steps).toEqual([waitFor(run, 1)]);
    expect(structured.warnings).toBeUndefined();
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
    await quiet('the polling', () => sandbox.requests.total);

    const { structured } = await patient.call('get_execution', run);
    expect(structured.result['status']).toBe('RUNNING');
    await patient.close();
  });

  it('lets the server end by itself although a wait was going on', async () => {
    const child = spawn(process.execPath, [built, '--max-wait', '600', '--log-level', 'silent'], {
      env: { ...loginOf(sandbox) },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const ended = once(child, 'exit');
    const lines: AsyncIterator<string> = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const say = (frame: Row): boolean =>
      child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...frame })}\n`);
    const clientInfo = { name: 'test', version: '1' };
    say({
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo },
    });
    say({ method: 'notifications/initialized' });
    const call = { name: 'wait_for_execution', arguments: { ...run, timeout_seconds: 600 } };
    say({ id: 2, method: 'tools/call', params: { ...call, _meta: { progressToken: 'p' } } });
    for (let heard = ''; !heard.includes('notifications/progress');) {
      const { value, done } = await lines.next();
      if (done === true) throw new Error(`It ended before it waited; it last said ${heard}`);
      heard = value;
    }

    child.stdin.end();

    // Nobody sends it a signal, and its wait would last ten minutes.
    expect(await ended).toEqual([0, null]);
  });
});
