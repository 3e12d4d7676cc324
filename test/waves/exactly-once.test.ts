import { CoriolisClient } from '../../src/api/client';
import { CanceledError } from '../../src/api/errors';
import type { Coriolis } from '../../src/api/coriolis';
import type { Runtime } from '../../src/api/runtime';
import { keystoneSession } from '../../src/api/session';
import type { Transport } from '../../src/api/transport';
import { planWave } from '../../src/playbooks/wave/plan';
import { runWave } from '../../src/playbooks/wave/run';
import type { WaveBoard } from '../../src/playbooks/wave/board';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import type { Failure } from '../../sandbox/platforms/platform';
import { ManualClock } from '../../sandbox/world/clock';
import { connect, identityOf, realFetch } from '../support/coriolis';
import { machine, runOptions, waveOf } from './estate';
import { faultsOf, mostAtOnce, truthOf } from './truth';

/**
 * Random waves against the sandbox: machines fail at every stage or are slow, several callers run the wave at the same time
 * and are killed at random requests, answers are lost. Afterwards the server is asked what it really did.
 */

const WAVES = Number(process.env['WAVES'] ?? 12);
const SEED = Number(process.env['WAVES_SEED'] ?? 1);

/** A generator that gives the same numbers for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const FAILURES: readonly Failure[] = [
  { taskType: 'DEPLOY_TRANSFER_DISKS', message: 'Quota exceeded for volumes' },
  { taskType: 'REPLICATE_DISKS', atPercent: 30, message: 'The ESXi host refused connection.' },
  { taskType: 'SHUTDOWN_INSTANCE', message: 'The machine has no guest tools' },
  { taskType: 'OS_MORPHING', message: 'No operating system found on the disks' },
];

/** Time of several callers: it passes when all of them sleep, to the moment at which the first wakes. */
class SharedTime {
  private readonly sleepers: Array<{ readonly at: number; readonly wake: () => void }> = [];
  private callers = 0;

  constructor(private readonly clock: ManualClock) {}

  begin(): void {
    this.callers += 1;
  }

  end(): void {
    this.callers -= 1;
    this.pass();
  }

  sleep(ms: number): Promise<void> {
    return new Promise((wake) => {
      this.sleepers.push({ at: this.clock.now() + ms, wake });
      this.pass();
    });
  }

  private pass(): void {
    if (this.sleepers.length === 0 || this.sleepers.length < this.callers) return;
    this.sleepers.sort((one, other) => one.at - other.at);
    const next = this.sleepers.shift();
    if (next === undefined) return;
    this.clock.advance(Math.max(0, next.at - this.clock.now()) / 1000);
    next.wake();
  }
}

/** The death of a caller: nothing of it is sent any more, and no answer reaches it. */
class Killed extends CanceledError {}

/** A caller that dies at a random request, before it is sent or before its answer arrives. */
function caller(sandbox: Sandbox, runtime: Runtime, requests: number): Coriolis {
  let left = requests;
  const transport: Transport = {
    send: async (request) => {
      left -= 1;
      if (left > 0) return await realFetch.send(request);
      if (left === 0 && runtime.random() < 0.5) await realFetch.send(request);
      throw new Killed('killed');
    },
  };
  const session = keystoneSession({ transport, runtime, identity: identityOf(sandbox) });
  return { ...runtime, client: new CoriolisClient({ transport: session, runtime }) };
}

describe('a wave run by several callers that die', () => {
  for (let index = 0; index < WAVES; index += 1) {
    const seed = SEED + index;
    it(`moves each machine exactly once, seed ${seed}`, async () => {
      const random = seeded(seed);
      const pick = (from: number, to: number): number => from + Math.floor(random() * (to - from + 1));
      const clock = new ManualClock();
      const specs = Array.from({ length: pick(1, 16) }, (_one, place) =>
        machine(`m-${place + 1}`, {
          disks: [pick(1, 40)],
          behaviour: {
            ...(random() < 0.2 ? { failure: FAILURES[pick(0, FAILURES.length - 1)] } : {}),
            ...(random() < 0.15 ? { slowdown: pick(2, 6) } : {}),
          },
        }),
      );
      const sandbox = await startSandbox({ clock, seed, speed: pick(5, 60), machines: specs });
      try {
        const passes = pick(1, 3);
        const shutdown = random() < 0.8;
        const input = waveOf(
          specs.map(({ name }) => ({ machine: name })),
          { passes, shutdownInstances: shutdown },
        );
        const time = new SharedTime(clock);
        time.begin();
        const first = connect(sandbox, sandbox.connection, {
          clock: () => clock.now(),
          random,
          sleep: (ms) => time.sleep(ms),
        });
        const plan = await planWave(first, input);
        time.end();
        const maxParallel = pick(1, 5);
        for (let lost = pick(0, 4); lost > 0; lost -= 1) {
          const where = ['/transfers', '/executions', '/deployments'][pick(0, 2)] ?? '/transfers';
          sandbox.faults.plan(
            `POST ${where} ${random() < 0.6 ? 'lost-answer' : 'reset'} after=${pick(0, 12)}`,
          );
        }
        const boards: WaveBoard[] = [];
        const live = async (): Promise<void> => {
          // Each death is followed by another caller, until one of them sees the end.
          for (let life = 0; life < 60; life += 1) {
            time.begin();
            const mortal = life < 8;
            const runtime: Runtime = { clock: () => clock.now(), random, sleep: (ms) => time.sleep(ms) };
            const coriolis = caller(sandbox, runtime, mortal ? pick(1, 160) : Infinity);
            try {
              boards.push(await runWave(coriolis, input, runOptions(plan.hash, { maxParallel })));
              return;
            } catch (error) {
              if (!(error instanceof Killed)) throw error;
            } finally {
              time.end();
            }
          }
        };
        await Promise.all(Array.from({ length: pick(1, 4) }, live));

        sandbox.faults.clear();
        const truth = await truthOf(first.client, 'Wave 1');
        expect(truth.flatMap((one) => faultsOf(one, { passes, shutdown }))).toEqual([]);
        expect(truth).toHaveLength(specs.length);
        expect(mostAtOnce(truth)).toBeLessThanOrEqual(maxParallel);
        for (const { machine: name, syncs, deployments } of truth) {
          const fails = specs.find((one) => one.name === name)?.behaviour?.failure;
          const isMoved = deployments.some(({ last_execution_status: status }) => status === 'COMPLETED');
          const mustFail = fails !== undefined && (shutdown || fails.taskType !== 'SHUTDOWN_INSTANCE');
          expect([name, isMoved]).toEqual([name, !mustFail]);
          if (!mustFail) {
            const completed = syncs.filter(({ status }) => status === 'COMPLETED').length;
            expect([name, completed]).toEqual([name, passes + 1]);
          }
        }
        for (const board of boards) expect(board.done + board.failed).toBe(specs.length);
      } finally {
        await sandbox.stop();
      }
    }, 120_000);
  }
});
