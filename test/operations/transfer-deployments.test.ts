import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import type { InstanceBehaviour } from '../../sandbox/platforms/platform';
import type { VmSpec } from '../../sandbox/platforms/make-vms';
import { ManualClock } from '../../sandbox/world/clock';
import type { Coriolis } from '../../src/api/operation-context';
import type { Transport } from '../../src/api/transport';
import type { SingleOperation } from '../../src/operation';
import { ReadableResults } from '../../src/readable-results';
import { connect, one, operationOf, realFetch, sleepingOn } from '../support/coriolis';
import { ledgerMachine } from '../support/ledger-machine';
import { createTransfer } from '../support/transfers';

type Changing = { -readonly [Key in keyof InstanceBehaviour]: InstanceBehaviour[Key] };

const behaviour: Changing = {};
const machine: VmSpec = { ...ledgerMachine, behaviour };

interface Shown {
  readonly deployments: ReadonlyArray<{
    readonly id: string;
    readonly status: string;
    readonly created_at: string;
    readonly finished_at: string | null;
    readonly deployed_machines: ReadonlyArray<{ readonly instance: string; readonly id: string }> | null;
  }> | null;
  readonly all_deployments_read: boolean;
}

/** A transport whose lists of deployments are cut after some rows, as a proxy or a limit of the server does it. */
const cuttingAfter = (rows: number): Transport => ({
  send: async (request) => {
    const answer = await realFetch.send(request);
    if (request.method !== 'GET' || !/\/(deployments|migrations)(\?|$)/u.test(request.url)) return answer;
    const body = JSON.parse(answer.body) as Record<string, readonly unknown[]>;
    const cut = Object.entries(body).map(([key, list]) => [key, list.slice(0, rows)]);
    return { ...answer, body: JSON.stringify(Object.fromEntries(cut)) };
  },
});

describe.each(['current', 'legacy'] as const)('deployments in the details, a %s server', (generation) => {
  const clock = new ManualClock();
  const collection = generation === 'current' ? 'deployments' : 'migrations';
  let sandbox: Sandbox;
  let coriolis: Coriolis;
  let transferId = '';
  let other = '';

  beforeAll(async () => {
    sandbox = await startSandbox({ clock, generation, machines: [machine], watcherQuirks: false });
    coriolis = connect(sandbox, sandbox.connection.admin, sleepingOn(clock));
    [transferId, other] = [
      await createTransfer(coriolis, 'ledger'),
      await createTransfer(coriolis, 'ledger'),
    ];
  });
  afterAll(() => sandbox.stop());

  /** Reads the details, and counts the requests for deployments. */
  async function details(
    as = coriolis,
  ): Promise<Shown & { readonly requests: number; readonly summary: string }> {
    sandbox.requests.clear();
    const shown = await one(as, 'transfer.get', { transferId });
    const requests = sandbox.requests.entries.filter(({ path }) => path.includes(`/${collection}`)).length;
    const readable = new ReadableResults(as);
    const { summary } = await readable.fetchReadableResult(operationOf('transfer.get'), shown, shown);
    return { ...(shown as unknown as Shown), requests, summary: String(summary) };
  }

  async function sync(id: string): Promise<void> {
    clock.advance(60);
    await one(coriolis, 'execution.start', { transferId: id });
    await one(coriolis, 'execution.wait', { transferId: id, timeoutSeconds: 80_000 });
  }

  async function deploy(id: string): Promise<string> {
    clock.advance(60);
    const { id: deploymentId } = await one<{ id: string }>(coriolis, 'deployment.create', {
      transferId: id,
      cloneDisks: true,
    });
    await one(coriolis, 'deployment.wait', { deploymentId, timeoutSeconds: 80_000 });
    return deploymentId;
  }

  it('are none before the first sync, without a request', async () => {
    const shown = await details();
    expect(shown).toMatchObject({ deployments: [], all_deployments_read: true, requests: 0 });
    expect(shown.summary).toMatch(/; no deployment$/u);
  });

  it('are none after a sync, for one request', async () => {
    await sync(transferId);
    expect(await details()).toMatchObject({ deployments: [], all_deployments_read: true, requests: 1 });
  });

  it('tell whether, when and as which machines it is deployed', async () => {
    const id = await deploy(transferId);
    const shown = await details();
    const truth = await one(coriolis, 'deployment.get', { deploymentId: id });

    expect(shown).toMatchObject({ all_deployments_read: true, requests: 2 });
    expect(shown.deployments).toEqual([
      {
        id,
        status: 'COMPLETED',
        created_at: truth['created_at'],
        finished_at: truth['finished_at'],
        deployed_machines: truth['deployed_machines'],
      },
    ]);
    expect(shown.deployments?.[0]?.deployed_machines?.[0]?.id).toMatch(/^dst-/u);
    expect(shown.summary).toMatch(
      new RegExp(`newest deployment ${id} completed on .*\\(ledger.* is dst-`, 'u'),
    );
  });

  it('show the completed one beside later failures', async () => {
    const [completed] = (await details()).deployments ?? [];
    behaviour.failure = { taskType: 'FINALIZE_INSTANCE_DEPLOYMENT', message: 'no quota' };
    const failed = [await deploy(transferId), await deploy(transferId), await deploy(transferId)];
    delete behaviour.failure;
    const { deployments, summary } = await details();

    expect(deployments?.map(({ id, status }) => `${id} ${status}`)).toEqual([
      `${failed[2]} ERROR`,
      `${failed[1]} ERROR`,
      `${completed?.id} COMPLETED`,
    ]);
    expect(summary).toMatch(/newest deployment \S+ failed on .*, an earlier deployment \S+ completed on /u);
  });

  it('are not taken for all when something shortens the list', async () => {
    const cut = (rows: number) =>
      details(connect(sandbox, sandbox.connection.admin, sleepingOn(clock), cuttingAfter(rows)));
    const whole = await details();
    expect(whole).toMatchObject({ all_deployments_read: true });
    expect(whole.requests).toBeLessThanOrEqual(2);
    // A legacy server has no pages: what it sends twice, is all.
    if (generation === 'legacy') return;
    expect(await cut(1)).toMatchObject({ all_deployments_read: false, requests: 2 });
    expect(await cut(3)).toMatchObject({ all_deployments_read: false, requests: 2 });
    expect(await cut(4)).toMatchObject({ all_deployments_read: true, requests: 2 });
  });

  it('are all when the list reaches back to the creation of the transfer, for one request', async () => {
    const older = transferId;
    clock.advance(60);
    transferId = await createTransfer(coriolis, 'ledger');
    await sync(transferId);
    const shown = await details();
    transferId = older;
    expect(shown).toMatchObject({ deployments: [], all_deployments_read: true, requests: 1 });
  });

  it('say when the newest of all deployments may not be all of the transfer', async () => {
    await sync(other);
    for (let count = 0; count < 100; count += 1) {
      await one(coriolis, 'deployment.create', { transferId: other, cloneDisks: true });
      // Longer than a deployment takes.
      clock.advance(7200);
    }
    const shown = await details();
    const { result } = operationOf('transfer.get') as SingleOperation;
    const calls = result?.next?.({ id: transferId, ...shown } as never, {});

    if (generation === 'legacy') {
      expect(shown.deployments).toHaveLength(3);
      expect(shown).toMatchObject({ all_deployments_read: true, requests: 1 });
    } else {
      expect(shown).toMatchObject({ deployments: [], all_deployments_read: false, requests: 2 });
      expect(shown.summary).toMatch(/; no recent deployment$/u);
      expect(calls).toEqual([{ operation: 'deployment.getAll', input: { transferId } }]);
    }
  });
});
