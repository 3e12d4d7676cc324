import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { ManualClock } from '../../sandbox/world/clock';
import type { Coriolis } from '../../src/api/operation-context';
import { connect, one, rows, sleepingOn } from '../support/coriolis';
import { ledgerMachine } from '../support/ledger-machine';
import { createTransfer } from '../support/transfers';

interface Run {
  readonly id: string;
  readonly created_at: string;
  readonly source_shut_down_at: string | null;
  readonly not_known: readonly string[] | null;
  readonly timeline: ReadonlyArray<{ readonly task_type: string; readonly ended_at: string }> | null;
}

interface Deployed extends Run {
  readonly source_sync: { readonly id: string; readonly number: number; readonly started_at: string } | null;
  readonly deployed_machines: ReadonlyArray<{ readonly instance: string; readonly id: string }> | null;
}

describe.each(['current', 'legacy'] as const)('for the ticket of a cutover, a %s server', (generation) => {
  const clock = new ManualClock();
  let sandbox: Sandbox;
  let coriolis: Coriolis;
  let transferId = '';
  const syncs: Run[] = [];

  beforeAll(async () => {
    sandbox = await startSandbox({ clock, generation, machines: [ledgerMachine] });
    coriolis = connect(sandbox, sandbox.connection.admin, sleepingOn(clock));
    transferId = await createTransfer(coriolis, 'ledger');
    syncs.push(await sync(false), await sync(true));
  });
  afterAll(() => sandbox.stop());

  async function sync(shutdownInstances: boolean): Promise<Run> {
    clock.advance(60);
    await one(coriolis, 'execution.start', { transferId, shutdownInstances });
    await one(coriolis, 'execution.wait', { transferId, timeoutSeconds: 80_000 });
    return await one<Run>(coriolis, 'execution.get', { transferId, timeline: true });
  }

  async function deploy(): Promise<string> {
    clock.advance(60);
    const { id } = await one<{ id: string }>(coriolis, 'deployment.create', { transferId });
    await one(coriolis, 'deployment.wait', { deploymentId: id, timeoutSeconds: 80_000 });
    return id;
  }

  const detailOf = (deploymentId: string, timeline = true): Promise<Deployed> =>
    one<Deployed>(coriolis, 'deployment.get', { deploymentId, timeline });

  it('tells when a sync shut the source down, and where the bytes would be known', () => {
    const [plain, last] = syncs;
    expect(plain?.source_shut_down_at).toBeNull();
    const task = last?.timeline?.find(({ task_type: type }) => type === 'SHUTDOWN_INSTANCE');
    expect(last?.source_shut_down_at).toBe(task?.ended_at);
    expect(last?.not_known).toEqual([expect.stringMatching(/^Bytes over the network: .*platform/u)]);
  });

  it('tells the sync that a deployment used, its shutdown and the id of the new machine', async () => {
    const deployed = await detailOf(await deploy());
    const last = syncs[1];

    expect(deployed).toMatchObject({
      source_sync: { id: last?.id, started_at: last?.created_at },
      source_shut_down_at: last?.source_shut_down_at,
      deployed_machines: [
        { instance: expect.any(String) as string, id: expect.stringMatching(/^dst-/u) as string },
      ],
      not_known: null,
    });
  });

  it('asks for no executions unless a timeline is wanted', async () => {
    const [newest] = await rows<{ id: string }>(coriolis, 'deployment.getAll', { transferId });
    sandbox.requests.clear();
    const plain = await detailOf(newest?.row.id ?? '', false);

    expect(plain).toMatchObject({ source_sync: null, timeline: null, not_known: null });
    expect(plain.deployed_machines).toHaveLength(1);
    expect(sandbox.requests.entries.filter(({ path }) => path.includes('/executions'))).toEqual([]);
  });

  it('says what cannot be known once a later sync shut nothing down and is deleted', async () => {
    const last = await sync(false);
    const id = await deploy();
    expect((await detailOf(id)).not_known).toEqual([
      expect.stringMatching(/shut down: the sync did not do it/u),
    ]);

    await one(coriolis, 'execution.delete', { transferId, executionId: last.id });
    for (const { id: executionId } of syncs)
      await one(coriolis, 'execution.delete', { transferId, executionId });
    for (const { row } of await rows<{ id: string }>(coriolis, 'execution.getAll', { transferId })) {
      await one(coriolis, 'execution.delete', { transferId, executionId: row.id });
    }

    const bare = await detailOf(id);
    expect(bare.source_sync).toBeNull();
    expect(bare.not_known).toEqual([
      expect.stringMatching(/^The sync that was deployed: no execution .* is left/u),
    ]);
  });

  it('finds a sync that many others followed, and says when it stopped looking', async () => {
    const used = await sync(false);
    const id = await deploy();
    const syncsLater = async (count: number) => {
      for (let made = 0; made < count; made += 1) {
        await one(coriolis, 'execution.start', { transferId });
        // Longer than a sync takes.
        clock.advance(7200);
      }
    };
    await syncsLater(199);
    sandbox.requests.clear();
    expect((await detailOf(id)).source_sync?.id).toBe(used.id);
    const requests = sandbox.requests.entries.filter(({ path }) => path.includes('/executions'));
    expect(requests.length).toBeLessThanOrEqual(11);

    await syncsLater(1);
    const beyond = await detailOf(id);
    expect(beyond.source_sync).toBeNull();
    expect(beyond.not_known).toEqual([
      expect.stringMatching(/only the newest 200 executions were searched.* further back/u),
    ]);
  });
});
