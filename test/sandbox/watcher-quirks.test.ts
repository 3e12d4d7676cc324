import { SandboxUser } from './user';
import type { Execution, Transfer } from './user';

/** All transfers by `updated_at`, page by page, as often as a page brings something new. */
async function paged(user: SandboxUser, direction: 'asc' | 'desc'): Promise<string[]> {
  const ids: string[] = [];
  let marker = '';
  for (let page = 0; page < 50; page += 1) {
    const query = `sort_key=updated_at&sort_dir=${direction}&limit=3${marker}`;
    const rows = await user.get<Transfer[]>(`/transfers?${query}`, 'transfers');
    ids.push(...rows.map(({ id }) => id));
    const last = rows.at(-1);
    if (rows.length < 3 || !last) break;
    marker = `&marker=${last.id}`;
  }
  return ids;
}

/** Every status that an execution has, in turn. */
async function statusesOf(user: SandboxUser, transfer: string, id: string): Promise<string[]> {
  const statuses: string[] = [];
  for (let step = 0; step < 20_000 && !['ERROR', 'COMPLETED'].includes(statuses.at(-1) ?? ''); step += 1) {
    const { status } = await user.execution(transfer, id);
    if (status !== statuses.at(-1)) statuses.push(status);
    user.clock.advance(0.4);
  }
  return statuses;
}

describe.each([true, false])('what watchers trip over, with the option %p', (watcherQuirks) => {
  let user: SandboxUser;

  beforeEach(async () => {
    user = await SandboxUser.start({ watcherQuirks, transfers: 20 });
  });

  afterEach(() => user.stop());

  it(watcherQuirks ? 'paging loses or repeats rows around nulls' : 'paging sees every row once', async () => {
    for (const machine of ['web-02', 'app-01', 'db-01', 'web-01']) await user.createTransfer([machine]);
    const all = await user.get<Transfer[]>('/transfers', 'transfers');

    const up = await paged(user, 'asc');
    const down = await paged(user, 'desc');

    expect(new Set(up).size === all.length).toBe(!watcherQuirks);
    expect(down.length === all.length).toBe(!watcherQuirks);
  });

  it(watcherQuirks ? 'a status goes back' : 'a status does not go back', async () => {
    const { id } = await user.createTransfer(['fail-replication-vm']);
    const execution = await user.execute(id);

    const statuses = await statusesOf(user, id, execution.id);

    expect(statuses).toEqual(
      watcherQuirks ? ['RUNNING', 'CANCELLING', 'RUNNING', 'ERROR'] : ['RUNNING', 'CANCELLING', 'ERROR'],
    );
  });

  it(watcherQuirks ? 'a refused execution stays as an orphan' : 'a refused execution is gone', async () => {
    const { id } = await user.createTransfer(['web-01']);
    const delegated = await user.withApplicationCredential();

    const refused = await delegated.send('POST', `/transfers/${id}/executions`, { execution: {} });
    const executions = await user.get<Execution[]>(`/transfers/${id}/executions`, 'executions');

    expect(refused.status).toBe(500);
    expect(executions.map(({ status }) => status)).toEqual(watcherQuirks ? ['UNEXECUTED'] : []);
  });

  it(
    watcherQuirks ? 'a deleted transfer takes its executions along' : 'executions outlive their transfer',
    async () => {
      const { id } = await user.syncedTransfer(['web-01']);
      await user.send('DELETE', `/transfers/${id}`);

      const executions = await user.get<Execution[]>(`/transfers/${id}/executions`, 'executions');

      expect(executions).toHaveLength(watcherQuirks ? 0 : 1);
    },
  );
});
