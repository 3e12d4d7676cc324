import { once } from 'node:events';
import { startSandbox } from '../../sandbox/sandbox';
import type { Sandbox } from '../../sandbox/sandbox';
import { kinds, connectHttpUser } from './support/client';
import { createTransfer, execute } from './support/estate';
import { serveHttp } from './support/http';
import type { HttpProcess } from './support/http';
import { startNginx } from './support/nginx';
import type { Balancer } from './support/nginx';
import { loginOf } from './support/server';
import { until } from '../support/until';

let sandbox: Sandbox;
let replicas: readonly HttpProcess[];
let balancer: Balancer;
beforeEach(async () => {
  sandbox = await startSandbox({ speed: 60 });
  const env = loginOf(sandbox, { CORIOLIS_MCP_CONFIRM_KEY: 'a key of all replicas, 32 characters' });
  const args = ['--allow-destroy', '--toolsets', 'all', '--allowed-hosts', 'mcp.example.com'];
  replicas = await Promise.all([1, 2, 3].map(() => serveHttp(env, args)));
  balancer = await startNginx(replicas.map(({ origin }) => origin));
});
afterEach(async () => {
  await balancer.stop();
  await Promise.all(replicas.map((replica) => replica.stop()));
  await sandbox.stop();
});

const callsOf = async ({ origin }: HttpProcess): Promise<number> => {
  const text = await (await fetch(`${origin}/metrics`)).text();
  return [...text.matchAll(/^coriolis_mcp_calls_total\{.*\} (\d+)$/gmu)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  );
};

describe('three replicas behind nginx', () => {
  it.each(kinds)('answer a client of the %s as one: what one previews, another does', async (kind) => {
    const user = await connectHttpUser({ url: balancer.url }, kind);
    const ids: string[] = [];
    for (const name of ['web-01', 'web-02', 'web-03']) ids.push(await createTransfer(user, name));

    for (const id of ids) {
      const { structured } = await user.call('delete_transfer', { transfer_id: id });
      const done = await user.call('delete_transfer', {
        transfer_id: id,
        confirmation_token: structured.confirmation_token,
      });
      expect(done.text).toContain('"deleted":true');
    }

    for (const replica of replicas) {
      await until(
        'a counted call of each replica',
        () => callsOf(replica),
        (calls) => calls > 0,
      );
    }
    await user.close();
  });

  it('go on when one is killed', async () => {
    const user = await connectHttpUser({ url: balancer.url });
    const id = await createTransfer(user, 'web-01');
    const { structured } = await user.call('delete_transfer', { transfer_id: id });
    const [victim] = replicas;
    const gone = victim && once(victim.process, 'exit');
    victim?.process.kill('SIGKILL');
    await gone;

    for (let round = 0; round < 6; round += 1) {
      expect((await user.call('list_endpoints')).isError).toBe(false);
    }
    const done = await user.call('delete_transfer', {
      transfer_id: id,
      confirmation_token: structured.confirmation_token,
    });

    expect(done.structured.result).toEqual({ id, deleted: true });
    await user.close();
  });

  it('answer waits when they are told to end, and another one waits again', async () => {
    const user = await connectHttpUser({ url: balancer.url });
    const run = await execute(user, await createTransfer(user, 'web-01'));
    const waiting = user.call('wait_for_execution', run);
    const busy = await busyOne();

    const ended = busy.stop();
    const { structured } = await waiting;

    expect(structured.result['outcome']).toBe('timed_out');
    expect(JSON.stringify(structured.next_steps)).toContain(run.execution_id);
    expect(await ended).toBe(0);
    const { structured: end } = await user.call('wait_for_execution', run);
    expect(end.result['outcome']).toBe('completed');
    await user.close();
  });
});

/** The replica that waits for the execution. */
async function busyOne(): Promise<HttpProcess> {
  const waits = async ({ origin }: HttpProcess): Promise<boolean> =>
    (await (await fetch(`${origin}/metrics`)).text()).includes('coriolis_mcp_calls_running{waits="true"} 1');
  const states = await until(
    'a replica that waits',
    () => Promise.all(replicas.map(waits)),
    (all) => all.includes(true),
  );
  return replicas[states.indexOf(true)] as HttpProcess;
}
