import { startSandbox } from '../../sandbox/sandbox';
import type { Sandbox } from '../../sandbox/sandbox';
import { startUser } from './support/client';
import type { Row, McpUser } from './support/client';
import { createTransfer, execute } from './support/estate';
import { loginOf } from './support/server';
import { tokens } from './support/tokens';

let fast: Sandbox;
let slow: Sandbox;
let user: McpUser;
let patient: McpUser;
beforeAll(async () => {
  [fast, slow] = await Promise.all([startSandbox({ speed: 600 }), startSandbox({ speed: 1 })]);
  user = await startUser({
    env: loginOf(fast),
    args: ['--allow-write', '--toolsets', 'default,deployment,migration'],
  });
  patient = await startUser({ env: loginOf(slow), args: ['--allow-write', '--max-wait', '60'] });
});
afterAll(async () => {
  await Promise.all([user.close(), patient.close()]);
  await Promise.all([fast.stop(), slow.stop()]);
});

type Run = Awaited<ReturnType<typeof execute>>;

const start = async (by: McpUser, machine: string): Promise<Run> =>
  await execute(by, await createTransfer(by, machine));
const nameOf = ({ transfer_id, execution_id }: Run): string => `${transfer_id}/${execution_id}`;
const targets = (result: Row): ReadonlyArray<Row> => result['targets'] as ReadonlyArray<Row>;

describe('one wait for several runs', () => {
  it('ends when all have ended, and names the call that explains a failure', async () => {
    const [good, bad] = [await start(user, 'web-01'), await start(user, 'fail-disk-quota-vm')];

    const { structured, text } = await user.call('wait_for', { executions: [nameOf(good), nameOf(bad)] });

    expect(structured.result).toMatchObject({ done: true, ended: 2, going_on: 0 });
    expect(targets(structured.result).map(({ outcome }) => outcome)).toEqual(['completed', 'failed']);
    expect(structured.next_steps).toEqual([{ tool: 'diagnose', arguments: bad }]);
    expect(tokens(text)).toBeLessThanOrEqual(500);
  });

  it('counts in its summary, and does not repeat many ids to say that the same call goes on', async () => {
    const runs = await Promise.all(
      ['web-01', 'web-02', 'web-03', 'slow-vm'].map((machine) => start(patient, machine)),
    );

    const many = await patient.call('wait_for', { executions: runs.map(nameOf), timeout_seconds: 1 });
    const [some] = runs;
    const canceled = await patient.call('cancel_execution', { transfer_id: some?.transfer_id });

    expect(many.structured.summary).toBe(
      'wait for: not finished, 0 of 4 have ended; call again with the same arguments',
    );
    expect(many.structured.next_steps).toBeUndefined();
    expect(canceled.structured.summary).toBe('cancel execution: requested, not finished yet');
    expect(canceled.structured.result).toMatchObject({ id: some?.execution_id });
  });

  it('takes the newest execution of a transfer, and deployments beside it', async () => {
    const { transfer_id: transfer } = await start(user, 'web-02');
    await user.call('wait_for', { executions: [transfer] });
    const { structured } = await user.call('deploy_transfer', { transfer_id: transfer });
    const deployment = String(structured.result['id']);

    const waited = await user.call('wait_for', { executions: transfer, deployments: deployment });

    expect(targets(waited.structured.result)).toEqual([
      expect.objectContaining({ kind: 'execution', transfer_id: transfer, outcome: 'completed' }),
      expect.objectContaining({ kind: 'deployment', id: deployment, outcome: 'completed' }),
    ]);
    expect(waited.structured.next_steps).toContainEqual({
      tool: 'get_deployment',
      arguments: { deployment_id: deployment },
    });
  });

  it('names the deployment that Coriolis makes of an execution by itself', async () => {
    const transfer = await createTransfer(user, 'app-01');
    await user.call('execute_transfer', { transfer_id: transfer, auto_deploy: true });

    const synced = await user.call('wait_for', { executions: [transfer] });
    const [{ deployment_id: deployment, ...target } = {}] = targets(synced.structured.result);
    const deployed = await user.call('wait_for', { deployments: [deployment] });

    expect(target).toMatchObject({ outcome: 'completed', deployment_status: expect.any(String) as string });
    expect(target).not.toHaveProperty('eta_seconds');
    expect(targets(deployed.structured.result)).toMatchObject([{ id: deployment, outcome: 'completed' }]);
    // Without it, a replica goes on being synced: nothing suggests its deployment.
    const { structured } = await user.call('wait_for', {
      executions: [await execute(user, await createTransfer(user, 'app-02')).then(nameOf)],
    });
    expect(targets(structured.result)[0]).toMatchObject({
      scenario: 'replica',
      finished_at: expect.stringMatching(/^\d{4}-/u) as string,
      duration_seconds: expect.any(Number) as number,
    });
    expect(targets(structured.result)[0]).not.toHaveProperty('deployment_id');
    expect(structured.next_steps).toBeUndefined();
  });

  it('takes the name of a transfer where that is unique', async () => {
    const { isError, text, structured } = await user.call('wait_for', {
      executions: ['Database, nightly replica'],
    });
    const other = await user.call('wait_for', { executions: ['unheard-of'] });

    expect([isError, isError ? text : '']).toEqual([false, '']);
    expect(structured.result).toMatchObject({ done: true, ended: 1 });
    expect(other.text).toContain('executions: no transfer has the id or the exact name "unheard-of"');
  });

  it('drives a migration to its end', async () => {
    const created = await user.call('create_migration', {
      origin_endpoint_id: 'vcenter',
      destination_endpoint_id: 'openstack',
      instances: ['web-03'],
      destination_environment: { migr_network: 'private' },
      network_map: { 'VM Network': 'private' },
    });
    const [step] = created.structured.next_steps ?? [];
    expect(step).toEqual({
      tool: 'wait_for',
      arguments: { migrations: [created.structured.result['id']], timeout_seconds: 45 },
    });

    const { structured } = await user.call('wait_for', step?.arguments);

    expect(targets(structured.result)[0]).toMatchObject({ kind: 'migration', outcome: 'completed' });
    expect(structured.next_steps).toEqual([
      { tool: 'get_migration', arguments: { migration_id: created.structured.result['id'] } },
    ]);
  });

  it.each(['current', 'legacy'] as const)(
    'leads from a failed migration of a %s server to its cause',
    async (generation) => {
      const sandbox = await startSandbox({ speed: 600, generation });
      const guest = await startUser({
        env: loginOf(sandbox),
        args: ['--allow-write', '--toolsets', 'default,migration'],
      });
      let { structured } = await guest.call('create_migration', {
        origin_endpoint_id: 'vcenter',
        destination_endpoint_id: 'openstack',
        instances: ['fail-os-morphing-vm'],
        destination_environment: { migr_network: 'private' },
        network_map: { 'VM Network': 'private' },
      });
      const called: string[] = [];
      for (let calls = 0; calls < 3; calls += 1) {
        const [next] = structured.next_steps ?? [];
        called.push(next?.tool ?? 'nothing');
        if (next === undefined) break;
        ({ structured } = await guest.call(next.tool, next.arguments));
        if (next.tool === 'diagnose') break;
      }
      await guest.close();
      await sandbox.stop();

      // A legacy server may be through before the creation has its answer.
      expect(called).toEqual(
        generation === 'current' || called.length > 1
          ? ['wait_for', 'get_migration', 'diagnose']
          : ['diagnose'],
      );
      expect(structured.result['cause']).toMatchObject({ task_type: 'OS_MORPHING' });
    },
  );

  it('is refused for nothing, and for more than it can watch', async () => {
    const nothing = await user.call('wait_for');
    const tooMany = await user.call('wait_for', {
      executions: Array.from({ length: 21 }, (_, n) => `t${n}`),
    });

    expect([nothing.isError, tooMany.isError]).toEqual([true, true]);
    expect(nothing.text).toContain('nothing to wait for');
    expect(tooMany.text).toContain('21 entries; at most 20 are accepted');
  });

  it('drives no migration on a server that only reads', async () => {
    const reader = await startUser({ env: loginOf(fast) });

    const tool = (await reader.tools()).find(({ name }) => name === 'wait_for');
    const { isError, text } = await reader.call('wait_for', { migrations: ['m'] });

    expect(tool?.annotations).toMatchObject({ readOnlyHint: true });
    expect(Object.keys(tool?.inputSchema['properties'] as Row)).not.toContain('migrations');
    expect(isError).toBe(true);
    expect(text).toContain('disabled');
    await reader.close();
  });
});

describe('a wait for work that takes long', () => {
  it('returns at its cap without an error, with the call that goes on waiting', async () => {
    const run = nameOf(await start(patient, 'slow-vm'));

    const { isError, structured } = await patient.call('wait_for', { executions: [run], timeout_seconds: 1 });

    expect(isError).toBe(false);
    expect(structured.result).toMatchObject({ done: false, ended: 0, going_on: 1 });
    expect(structured.next_steps).toEqual([
      { tool: 'wait_for', arguments: { executions: [run], timeout_seconds: 1 } },
    ]);
  });

  it('returns as soon as anything has changed since an earlier result', async () => {
    const run = nameOf(await start(patient, 'web-01'));
    const first = await patient.call('wait_for', { executions: [run], timeout_seconds: 1 });

    const { structured } = await patient.call('wait_for', {
      executions: [run],
      until: 'change',
      options: { since: first.structured.result['since'] },
    });

    expect(structured.result).toMatchObject({ done: true, changed: true });
  });

  it('asks the server about as often for five waits as for one', async () => {
    const { transfer_id: transfer, execution_id: execution } = await start(patient, 'slow-vm');
    const looks = (): number =>
      slow.requests.entries.filter(({ method, path }) => method === 'GET' && path.endsWith(`/${execution}`))
        .length;
    const wait = () =>
      patient.call(
        'wait_for',
        { executions: [`${transfer}/${execution}`], timeout_seconds: 12 },
        { onprogress: () => undefined },
      );
    await wait();
    const alone = looks();
    slow.requests.clear();

    await Promise.all([wait(), wait(), wait(), wait(), wait()]);

    // Each has a first look of its own; the others are shared.
    expect(looks()).toBeLessThanOrEqual(5 + 2 * alone);
    expect(looks()).toBeLessThan(5 * alone);
  });
});
