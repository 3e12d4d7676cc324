import { planWave } from '../../src/playbooks/wave/plan';
import { runWave } from '../../src/playbooks/wave/run-wave';
import { WaveObserver } from '../../src/playbooks/wave/wave-observer';
import { startSync } from '../../src/resources/execution';
import { startSandbox } from '../../sandbox/sandbox';
import { ManualClock } from '../../sandbox/world/clock';
import { connect, sleepingOn } from '../support/coriolis';
import { machines, runOptions, waveOf } from '../waves/estate';
import { atMost, type Benchmark, type Figure } from './figure';

const MACHINES = 500;
const CHANGED = 20;
/** Seconds after which final statuses are believed. */
const SETTLED_SECONDS = 10;

/** Requests of planning a large wave, and of one tick of its run; the sandbox counts. */
export const waves: Benchmark = {
  name: 'waves',
  title: `planning and running a wave of ${MACHINES} machines`,
  run: async () => {
    const clock = new ManualClock();
    const sandbox = await startSandbox({ clock, speed: 100, machines: machines(MACHINES) });
    try {
      const coriolis = connect(sandbox, sandbox.connection, sleepingOn(clock));
      const requestsOf = async (work: () => Promise<unknown>): Promise<number> => {
        const before = sandbox.requests.total;
        await work();
        return sandbox.requests.total - before;
      };
      const input = waveOf(machines(MACHINES).map(({ name }) => ({ machine: name })));
      const begun = performance.now();
      let hash = '';
      const planned = await requestsOf(async () => {
        ({ hash } = await planWave(coriolis, input));
      });
      const seconds = (performance.now() - begun) / 1000;
      await runWave(coriolis, input, runOptions(hash, { until: 'prepared', maxParallel: MACHINES }));

      const observer = new WaveObserver(coriolis, { usesPools: false, everyProgress: false });
      const tick = () =>
        observer.fetchSnapshot((transfers) =>
          transfers.ofWave('Wave 1').map(({ transfer }) => ({ transfer, isAdopted: false })),
        );
      clock.advance(SETTLED_SECONDS);
      const { transfers } = await tick();
      clock.advance(SETTLED_SECONDS);
      const unchanged = await requestsOf(tick);
      for (const { transfer } of transfers.ofWave('Wave 1').slice(0, CHANGED))
        await startSync(coriolis, transfer.id, { shutdownInstances: false, autoDeploy: false });
      clock.advance(SETTLED_SECONDS);
      const changed = await requestsOf(tick);
      const against = `a wave of ${MACHINES} machines, counted by the sandbox`;
      const figures: readonly Figure[] = [
        {
          name: 'requests to plan a row',
          value: planned / MACHINES,
          unit: 'requests',
          against: `${planned} for ${against}`,
          budget: atMost(2),
        },
        { name: 'time to plan', value: seconds, unit: 's', against, budget: atMost(60) },
        {
          name: 'requests of a tick, nothing changed',
          value: unchanged,
          unit: 'requests',
          against,
          budget: atMost(4),
        },
        {
          name: `requests of a tick, ${CHANGED} machines changed`,
          value: changed,
          unit: 'requests',
          against,
          budget: atMost(30),
        },
      ];
      return figures;
    } finally {
      await sandbox.stop();
    }
  },
};
