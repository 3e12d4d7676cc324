import fc from 'fast-check';
import { cases } from '../../support/cases';
import {
  appendMigrationPlan,
  parseMigrationPlan,
  type MigrationPlan,
} from '../../../src/model/migration-plan';
import type { Deployment, Execution } from '../../../src/model/api-objects';
import { computeNextMigrationStep, type MigrationStep } from '../../../src/playbooks/migration/next-step';
import { BEGIN, deployment, execution } from './server';

/**
 * Callers that follow `nextStep` against a server in memory. They keep nothing, die between any two moments, and two of them
 * may look at the same time; afterwards what was started is counted.
 */

const plan = (overrides: Partial<MigrationPlan> = {}): MigrationPlan => ({
  passes: 2,
  shutdown: false,
  skipOsMorphing: false,
  runKey: undefined,
  ...overrides,
});

interface Shutdown extends Execution {
  readonly shutdown: boolean;
}

/** A server that runs one thing at a time, refuses a second, and starts auto-deployments late. */
class ModelServer {
  now = BEGIN;
  executions: Shutdown[] = [];
  deployments: Deployment[] = [];

  constructor(private readonly canAutoDeploy: boolean) {}

  show(plan_: MigrationPlan): MigrationStep {
    const { executions, deployments, canAutoDeploy, now } = this;
    return computeNextMigrationStep({ plan: plan_, executions, deployments, canAutoDeploy, now });
  }

  /** @returns whether the server accepted it */
  obey(step: MigrationStep): boolean {
    if (step.do !== 'sync' && step.do !== 'deploy') return true;
    if (this.isBusy()) return false;
    if (step.do === 'deploy') {
      this.deployments.push(this.newDeployment('RUNNING', null));
      return true;
    }
    const number = this.executions.length + 1;
    const started = {
      ...execution('RUNNING', { id: `e${number}`, number, ...this.created() }),
      shutdown: step.shutdownInstances,
    };
    this.executions.push(started);
    if (step.autoDeploy) this.deployments.push(this.newDeployment('PENDING', started.id));
    return true;
  }

  /** An orphan of a request that failed. */
  refuse(): void {
    const number = this.executions.length + 1;
    this.executions.push({
      ...execution('UNEXECUTED', { id: `e${number}`, number, ...this.created() }),
      shutdown: false,
    });
  }

  /** Time passes; with `end`, whatever runs ends that way. */
  pass(ms: number, end?: string): void {
    this.now += ms;
    if (end === undefined) return;
    const changed = { updated_at: this.time() };
    this.executions = this.executions.map((one) =>
      one.status === 'RUNNING' ? { ...one, status: end, ...changed } : one,
    );
    this.deployments = this.deployments.map((one) => {
      if (one.last_execution_status === 'RUNNING') return { ...one, last_execution_status: end, ...changed };
      const deployer = this.executions.find(({ id }) => id === one.deployer_id);
      if (one.last_execution_status !== 'PENDING' || deployer?.status === 'RUNNING') return one;
      return {
        ...one,
        last_execution_status: deployer?.status === 'COMPLETED' ? 'RUNNING' : 'ERROR',
        ...changed,
      };
    });
  }

  private isBusy(): boolean {
    return (
      this.executions.some(({ status }) => status === 'RUNNING') ||
      this.deployments.some((one) => one.last_execution_status === 'RUNNING')
    );
  }

  private newDeployment(status: string, deployer: string | null): Deployment {
    const id = `d${this.deployments.length + 1}`;
    return deployment(status, { id, deployer_id: deployer, ...this.created() });
  }

  private created() {
    return { created_at: this.time(), updated_at: null };
  }

  private time(): string {
    return `${new Date(this.now).toISOString().slice(0, 19)}.000000`;
  }
}

type Moment =
  { readonly do: 'follow' | 'refuse' } | { readonly do: 'pass'; readonly ms: number; readonly end?: string };

const moment: fc.Arbitrary<Moment> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Moment>({ do: 'follow' }) },
  { weight: 1, arbitrary: fc.constant<Moment>({ do: 'refuse' }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 20_000 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      ms: fc.integer({ min: 1, max: 20_000 }),
      end: fc.constant('COMPLETED'),
    }),
  },
);

/** Goes on until it is over, as the last caller who does not die. */
function finish(server: ModelServer, wanted: MigrationPlan): MigrationStep {
  for (let look = 0; look < 500; look += 1) {
    const step = server.show(wanted);
    if (step.do === 'nothing') return step;
    server.obey(step);
    server.pass(5000, 'COMPLETED');
  }
  throw new Error('it never ends');
}

describe('the next step of a migration', () => {
  it('leads to exactly the planned passes and one deployment, however often callers die', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10 }),
        fc.boolean(),
        fc.boolean(),
        fc.array(moment, { maxLength: 120 }),
        (passes, shutdown, canAutoDeploy, moments) => {
          const wanted = plan({ passes, shutdown });
          const server = new ModelServer(canAutoDeploy);
          for (const one of moments) {
            switch (one.do) {
              case 'follow':
                server.obey(server.show(wanted));
                break;
              case 'refuse':
                server.refuse();
                break;
              case 'pass':
                server.pass(one.ms, one.end);
            }
          }

          expect(finish(server, wanted)).toEqual({ do: 'nothing', outcome: 'completed' });

          const syncs = server.executions.filter(({ status }) => status !== 'UNEXECUTED');
          expect(syncs).toHaveLength(passes);
          expect(server.deployments).toHaveLength(1);
          expect(syncs.map((sync) => sync.shutdown)).toEqual(
            syncs.map((_sync, index) => shutdown && index === passes - 1),
          );
        },
      ),
      cases(300),
    );
  });

  it('starts nothing twice when two callers look at the same moment', () => {
    const server = new ModelServer(true);
    const [one, other] = [server.show(plan()), server.show(plan())];

    expect([server.obey(one), server.obey(other)]).toEqual([true, false]);

    expect(server.executions).toHaveLength(1);
  });

  it('shuts down in the last pass, and leaves the deployment to the server only when there is one pass', () => {
    const fresh = { executions: [], deployments: [], canAutoDeploy: true, now: BEGIN };

    expect(computeNextMigrationStep({ ...fresh, plan: plan({ shutdown: true }) })).toMatchObject({
      pass: 1,
      shutdownInstances: false,
      autoDeploy: false,
    });
    expect(computeNextMigrationStep({ ...fresh, plan: plan({ passes: 1, shutdown: true }) })).toMatchObject({
      shutdownInstances: true,
      autoDeploy: true,
    });
    expect(
      computeNextMigrationStep({ ...fresh, canAutoDeploy: false, plan: plan({ passes: 1 }) }),
    ).toMatchObject({
      autoDeploy: false,
    });
  });

  it.each([
    ['ERROR', 'failed'],
    ['CANCELED', 'canceled'],
  ])('is none after a pass that ended as %s', (status, outcome) => {
    const server = new ModelServer(true);
    server.obey(server.show(plan()));
    server.pass(60_000, status);
    server.pass(5000);

    expect(server.show(plan())).toEqual({ do: 'nothing', outcome });
  });

  it('tells a canceled pass from a failed one although its waiting deployment says ERROR for both', () => {
    const server = new ModelServer(true);
    const wanted = plan({ passes: 1 });
    server.obey(server.show(wanted));
    server.pass(60_000, 'CANCELED');
    server.pass(5000, 'CANCELED');
    server.pass(5000);

    expect(server.deployments.map((one) => one.last_execution_status)).toEqual(['ERROR']);
    expect(server.show(wanted)).toEqual({ do: 'nothing', outcome: 'canceled' });
  });

  it('is a look, and no deployment, while the server may still make one by itself', () => {
    const now = BEGIN + 100_000;
    const done = execution('COMPLETED', { updated_at: new Date(now - 10_000).toISOString().slice(0, 19) });
    const state = { executions: [done], deployments: [], canAutoDeploy: true, plan: plan({ passes: 1 }) };

    expect(computeNextMigrationStep({ ...state, now })).toEqual({ do: 'look_again' });
    expect(computeNextMigrationStep({ ...state, now: now + 60_000 })).toEqual({ do: 'deploy' });
  });

  it('is a look while the end of a run may still be replaced, also of one that ended while the server was asked', () => {
    const now = BEGIN + 100_000;
    const stepWith = (endedAt: number) =>
      computeNextMigrationStep({
        executions: [execution('CANCELED', { updated_at: new Date(endedAt).toISOString().slice(0, 19) })],
        deployments: [],
        canAutoDeploy: true,
        plan: plan(),
        now,
      });

    expect(stepWith(now - 1000)).toEqual({ do: 'look_again' });
    expect(stepWith(now + 3000)).toEqual({ do: 'look_again' });
    expect(stepWith(now - 2000)).toEqual({ do: 'nothing', outcome: 'canceled' });
    // Nobody waits for a clock that is an hour ahead.
    expect(stepWith(now + 3_600_000)).toEqual({ do: 'nothing', outcome: 'canceled' });
  });

  it('is none as soon as a deployment has completed: nothing replaces that end', () => {
    const now = BEGIN + 100_000;
    const ended = { updated_at: new Date(now).toISOString().slice(0, 19) };

    expect(
      computeNextMigrationStep({
        executions: [execution('COMPLETED')],
        deployments: [deployment('COMPLETED', ended)],
        canAutoDeploy: true,
        plan: plan(),
        now,
      }),
    ).toEqual({ do: 'nothing', outcome: 'completed' });
  });

  it('is none when the copied disks were deleted', () => {
    const now = BEGIN + 1_000_000;
    const run = (number: number, type: string) =>
      execution('COMPLETED', { id: `e${number}`, number, type, updated_at: '2026-11-22T15:00:10.000000' });
    const executions = [run(1, 'transfer_execution'), run(2, 'transfer_disks_delete')];

    expect(
      computeNextMigrationStep({ plan: plan(), executions, deployments: [], canAutoDeploy: true, now }),
    ).toEqual({
      do: 'nothing',
      outcome: 'canceled',
    });
  });
});

describe('the plan in the notes', () => {
  it('comes back as it was written, whatever people wrote before it', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.record({
          passes: fc.integer({ min: 1, max: 10 }),
          shutdown: fc.boolean(),
          skipOsMorphing: fc.boolean(),
          runKey: fc.option(fc.stringMatching(/^[\w.:@/+-]{1,100}$/), { nil: undefined }),
        }),
        (notes, wanted) => {
          expect(parseMigrationPlan(appendMigrationPlan(notes, wanted))).toEqual({
            notes: notes.trim(),
            plan: wanted,
          });
        },
      ),
    );
  });

  it.each([null, '', 'Move web-01', '[migration]', '[migration passes=2] and more'])(
    'is not in %j',
    (notes) => {
      expect(parseMigrationPlan(notes)).toBeUndefined();
    },
  );
});
