import { Random } from '../../sandbox/world/random';
import { SandboxUser } from './user';
import type { Deployment, Execution, Transfer } from './user';

const FINAL = ['COMPLETED', 'ERROR', 'CANCELED'];
const ACTIVE_TASKS = [
  'PENDING',
  'STARTING',
  'RUNNING',
  'SYNCING',
  'CANCELLING',
  'CANCELLING_AFTER_COMPLETION',
];
const MACHINES = [
  ['web-01'],
  ['web-01', 'db-01'],
  ['fail-cbt-vm'],
  ['fail-worker-vm', 'web-02'],
  ['slow-vm'],
  ['fail-deploy-vm'],
];

/** Whatever is done to it, in whatever order: the world stays a possible state of a real server. */
describe('the world of the sandbox', () => {
  it.each([1, 2, 3])('stays consistent under random actions (seed %i)', async (seed) => {
    const random = new Random(seed);
    const user = await SandboxUser.start({ seed, tokenLifetimeMs: 7 * 24 * 3600 * 1000 });
    const robot = await user.withApplicationCredential();
    const statusesSeen = new Set<number>();
    const act = async (who: SandboxUser, method: string, path: string, body?: unknown): Promise<void> => {
      statusesSeen.add((await who.send(method, path, body)).status);
    };
    try {
      const transfers: Transfer[] = [];
      for (const machines of MACHINES) transfers.push(await user.createTransfer(machines));

      for (let step = 0; step < 250; step += 1) {
        const base = `/transfers/${random.pick(transfers as [Transfer, ...Transfer[]]).id}`;
        const executions = await user.get<Execution[]>(`${base}/executions?limit=1`, 'executions');
        const active = executions.filter(({ status }) => ['RUNNING', 'CANCELLING'].includes(status));
        expect(active.length).toBeLessThanOrEqual(1);
        const newest = `${base}/executions/${executions[0]?.id ?? 'none'}`;
        const [deployment] = await user.get<Deployment[]>('/deployments?limit=1', 'deployments');
        const transferId = base.split('/').at(-1);
        const choices: [() => Promise<void>, ...(() => Promise<void>)[]] = [
          () => act(user, 'POST', `${base}/executions`, { execution: { auto_deploy: random.next() < 0.3 } }),
          () => act(user, 'POST', `${base}/executions`, { execution: { shutdown_instances: true } }),
          () => act(robot, 'POST', `${base}/executions`, { execution: {} }),
          () => act(user, 'PUT', base, { transfer: { notes: String(step) } }),
          () => act(user, 'POST', `${newest}/actions`, { cancel: { force: random.next() < 0.5 } }),
          () => act(user, 'DELETE', newest),
          () => act(user, 'POST', `${base}/actions`, { 'delete-disks': null }),
          () =>
            act(user, 'POST', '/deployments', {
              deployment: {
                transfer_id: transferId,
                clone_disks: random.next() < 0.5,
                force: random.next() < 0.5,
              },
            }),
          () => act(user, 'POST', `/deployments/${deployment?.id ?? 'none'}/actions`, { cancel: null }),
          () => act(user, 'DELETE', `/deployments/${deployment?.id ?? 'none'}`),
        ];
        await random.pick(choices)();
        user.clock.advance(random.pick([0, 0.1, 1, 5, 20, 60, 300]));
      }
      user.clock.advance(3 * 3600);

      expect([...statusesSeen].sort()).toEqual([200, 204, 400, 404, 500]);
      for (const { id } of transfers) {
        const transfer = await user.get<Transfer>(`/transfers/${id}`, 'transfer');
        const executions = await user.get<Execution[]>(`/transfers/${id}/executions`, 'executions');
        for (const { status, tasks } of executions) {
          expect(['UNEXECUTED', ...FINAL]).toContain(status);
          if (status === 'UNEXECUTED') continue;
          expect(tasks.filter((task) => [...ACTIVE_TASKS, 'SCHEDULED'].includes(task.status))).toEqual([]);
        }
        const numbers = executions.map(({ number }) => number);
        expect(numbers).toEqual([...new Set(numbers)].sort((one, other) => other - one));
        const ended = user.sandbox
          .listFinishedRuns()
          .filter((run) => run.kind === 'execution' && run.transferId === id);
        expect(transfer.last_execution_status).toBe(ended.at(-1)?.status ?? 'UNEXECUTED');
        for (const run of ended) {
          const shown = executions.find((execution) => execution.id === run.id);
          if (shown) expect(shown).toMatchObject({ status: run.status, number: run.number, type: run.type });
        }
      }
      for (const deployment of await user.get<Deployment[]>('/deployments', 'deployments')) {
        expect(FINAL).toContain(deployment.last_execution_status);
      }
    } finally {
      await user.stop();
    }
  });
});
