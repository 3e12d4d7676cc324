import { SandboxUser } from './user';
import type { Execution, Transfer } from './user';

describe('the world a sandbox begins with', () => {
  it('has a transfer that completed, one that failed last night and one never executed', async () => {
    const user = await SandboxUser.start();
    try {
      const transfers = await user.get<Transfer[]>('/transfers', 'transfers');
      expect(transfers.map((transfer) => transfer.last_execution_status).sort()).toEqual([
        'COMPLETED',
        'ERROR',
        'UNEXECUTED',
      ]);

      const failed = transfers.find((transfer) => transfer.last_execution_status === 'ERROR');
      const executions = await user.get<Execution[]>(`/transfers/${failed?.id}/executions`, 'executions');

      expect(executions.map(({ number, status }) => [number, status])).toEqual([
        [3, 'ERROR'],
        [2, 'COMPLETED'],
        [1, 'COMPLETED'],
      ]);
      expect(executions[0]?.updated_at).toBe(failed?.updated_at);
      expect(executions[0]?.tasks.filter((task) => task.status === 'ERROR').length).toBe(1);
    } finally {
      await user.stop();
    }
  });

  it('can be deployed where it was synced, and executed once more', async () => {
    const user = await SandboxUser.start();
    try {
      const transfers = await user.get<Transfer[]>('/transfers', 'transfers');
      const synced = transfers.find((transfer) => transfer.last_execution_status === 'COMPLETED');

      const again = await user.execute(synced?.id ?? '');
      await user.until(synced?.id ?? '', again.id, 'COMPLETED', 30);
      const deployment = await user.send('POST', '/deployments', {
        deployment: { transfer_id: synced?.id },
      });

      expect(again.number).toBe(6);
      expect(deployment.status).toBe(200);
    } finally {
      await user.stop();
    }
  });

  it('is the same for the same seed, whatever is looked at first', async () => {
    const describeWorld = async (user: SandboxUser, lookFirst: boolean): Promise<unknown> => {
      const transfers = await user.get<Transfer[]>('/transfers', 'transfers');
      if (lookFirst) await user.send('GET', '/transfers?include_task_info=true');
      const made = await user.createTransfer(['web-01']);
      const run = await user.execute(made.id);
      const last = transfers.find((transfer) => transfer.last_execution_status === 'COMPLETED');
      return [transfers, made, run, await user.get(`/transfers/${last?.id}/executions`, 'executions')];
    };
    const worlds = [];
    for (const [seed, lookFirst] of [
      [7, false],
      [7, true],
      [8, false],
    ] as const) {
      const user = await SandboxUser.start({ seed, transfers: 5 });
      worlds.push(await describeWorld(user, lookFirst));
      await user.stop();
    }

    expect(worlds[1]).toEqual(worlds[0]);
    expect(worlds[2]).not.toEqual(worlds[0]);
  });

  it('can hold many transfers whose histories agree with what the list says', async () => {
    const user = await SandboxUser.start({ transfers: 10_000 });
    try {
      const [newest] = await user.get<Transfer[]>(
        '/transfers?sort_key=updated_at&sort_dir=desc&limit=1&status=ERROR',
        'transfers',
      );

      const executions = await user.get<Execution[]>(`/transfers/${newest?.id}/executions`, 'executions');

      expect(executions[0]).toMatchObject({ status: 'ERROR', updated_at: newest?.updated_at });
      expect(executions.slice(1).every(({ status }) => status === 'COMPLETED')).toBe(true);
    } finally {
      await user.stop();
    }
  });

  it('pages through many transfers like a real server: each once, newest first, one request a page', async () => {
    const user = await SandboxUser.start({ transfers: 5_000 });
    try {
      const seen: Transfer[] = [];
      user.sandbox.requests.clear();
      for (let page: Transfer[] | undefined; page === undefined || page.length > 0;) {
        const last = seen.at(-1);
        const marker = last === undefined ? '' : `&marker=${last.id}`;
        page = await user.get<Transfer[]>(`/transfers?limit=500${marker}`, 'transfers');
        seen.push(...page);
      }

      const order = seen.map(({ created_at, id }) => `${String(created_at)} ${id}`);
      expect(new Set(seen.map(({ id }) => id)).size).toBe(5_003);
      expect(order).toEqual([...order].sort().reverse());
      expect(user.sandbox.requests.total).toBe(12);
    } finally {
      await user.stop();
    }
  });
});
