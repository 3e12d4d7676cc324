import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import type { Generation } from '../../src/api/api-request';
import { connect, operationOf } from '../support/coriolis';
import { CHANGES, isMadeOnce, type Prepared } from './changes';
import { randomOf, type Random } from './random';
import { randomDamage, startRelay, type Damage, type Relay } from './relay';
import { scaledClock, scaledDelay, scaledRuntime } from './scaled-time';
import type { Face, Told } from './worker';
import { Workers } from './workers';

/** Random runs: changes whose answers are damaged, through each face, from one process and from three. */

export interface Figures {
  runs: number;
  /** Objects and runs that were made. */
  objects: number;
  /** Objects that no caller was told of, without the word that it is uncertain. */
  lost: number;
  /** Objects beyond those that were meant, without the word that it is uncertain. */
  doubled: number;
  /** Calls that were told that it is uncertain. */
  uncertain: number;
  /** Objects that no call returned, and that the error of a call names. */
  named: number;
  /** Objects beyond those that were meant, after such a word. */
  repeated: number;
  /** Descriptions of the runs with a fault. */
  readonly faults: string[];
}

const noFigures = (): Figures => ({
  runs: 0,
  objects: 0,
  lost: 0,
  doubled: 0,
  uncertain: 0,
  named: 0,
  repeated: 0,
  faults: [],
});

const FACES: ReadonlyArray<readonly [Face, number]> = [
  ['library', 0.4],
  ['mcp', 0.35],
  ['n8n', 0.1],
  ['n8n with Return Existing', 0.15],
];

const CALLERS: ReadonlyArray<readonly [Plan['callers'], number]> = [
  ['one', 0.5],
  ['one process, three calls at once', 0.2],
  ['three processes at once', 0.3],
];

function weighed<T>(random: Random, choices: ReadonlyArray<readonly [T, number]>): T {
  let left = random.next() * choices.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [choice, weight] of choices) {
    left -= weight;
    if (left <= 0) return choice;
  }
  return (choices[0] as readonly [T, number])[0];
}

interface Plan {
  readonly seed: number;
  readonly operation: string;
  readonly face: Face;
  readonly callers: 'one' | 'one process, three calls at once' | 'three processes at once';
  readonly damages: readonly Damage[];
  /** Probability of damage of a read. */
  readonly reads: number;
}

function planOf(seed: number): Plan {
  const random = randomOf(seed);
  const callers = weighed(random, CALLERS);
  return {
    seed,
    operation: random.pick(Object.keys(CHANGES)),
    face: weighed(random, FACES),
    callers,
    damages: Array.from({ length: 1 + random.below(3) }, () => randomDamage(random, callers === 'one')),
    reads: random.chance(0.25) ? 0.08 : 0,
  };
}

/** How often a caller makes a call that fails, as an assistant does, and n8n's Retry On Fail. */
const TRIES = 3;

interface Lab {
  readonly sandbox: Sandbox;
  readonly relay: Relay;
  readonly coriolis: ReturnType<typeof connect>;
  readonly workers: Workers;
}

/** Plays one run. */
async function play({ sandbox, relay, coriolis, workers }: Lab, plan: Plan, figures: Figures): Promise<void> {
  const { seed, operation, face, callers } = plan;
  const prepared = await CHANGES[operation]?.(coriolis, `run ${seed}`);
  if (prepared === undefined) throw new Error(`there is no change ${operation}`);
  damage(relay, plan);
  relay.begin(callers === 'one');
  const connection = {
    ...sandbox.connection,
    auth_url: sandbox.connection.auth_url.replace(sandbox.url, relay.url),
  };
  const places = callers === 'one' ? [0] : callers === 'three processes at once' ? [0, 1, 2] : [0, 0, 0];
  const told = await Promise.all(
    places.map(async (worker) => {
      const all: Told[] = [];
      for (let attempt = 1; attempt <= TRIES; attempt += 1) {
        const one = await workers.call(worker, { face, connection, operation, input: prepared.input });
        all.push(one);
        // A program does not repeat what is uncertain; n8n and assistants do.
        if (one.error === undefined || (face === 'library' && one.isUncertain === true)) break;
      }
      return all;
    }),
  );
  relay.decide = () => undefined;
  await relay.settled();
  await scaledDelay(2_000);
  judge(plan, told.flat(), await prepared.made(), figures);
}

function damage(relay: Relay, { seed, damages, reads }: Plan): void {
  const random = randomOf(seed ^ 0x5eed);
  let changes = 0;
  relay.decide = (method, path) => {
    if (path.includes('/auth/tokens')) return undefined;
    if (method !== 'GET') return damages[changes++];
    if (!random.chance(reads)) return undefined;
    return { ...randomDamage(random, false), passedOn: 'before' };
  };
}

/** Compares what callers were told with what is there. */
function judge(plan: Plan, told: readonly Told[], made: readonly string[], figures: Figures): void {
  const declared = operationOf(plan.operation);
  const once =
    declared.kind === 'single' &&
    isMadeOnce(declared) &&
    (plan.face === 'mcp' ||
      (plan.face === 'n8n with Return Existing' && declared.deduplication?.durable === true));
  const isAction = /^minionPool\.(?!create)/u.test(plan.operation);
  const successes = told.filter(({ error }) => error === undefined);
  const ids = new Set(successes.map(({ made: id }) => id ?? ''));
  const uncertain = told.filter(({ isUncertain }) => isUncertain === true).length;
  /** Objects that an error names: equal ones that could not be withdrawn any more. */
  const named = made.filter((id) => !ids.has(id) && told.some(({ error }) => error?.includes(id) === true));
  // A pool is the same object for all actions on it.
  const known = isAction ? successes.length : ids.size + named.length;
  const untold = Math.max(0, made.length - known);
  // The server refreshes pools every ten minutes on its own.
  const lost = plan.operation === 'minionPool.refresh' ? 0 : Math.max(0, untold - uncertain);
  const gone = isAction ? 0 : [...ids].filter((id) => !made.includes(id)).length;
  const more = once ? Math.max(0, made.length - 1) : 0;
  const doubled = Math.max(0, more - named.length - uncertain);
  figures.runs += 1;
  figures.objects += made.length;
  figures.uncertain += uncertain;
  figures.lost += lost;
  figures.doubled += doubled;
  figures.named += named.length;
  figures.repeated += Math.max(more - doubled, Math.min(untold, uncertain));
  if (lost + doubled + gone > 0) {
    figures.faults.push(
      [
        `seed ${plan.seed}: ${plan.operation} through ${plan.face}, ${plan.callers}; lost ${lost}, doubled ${doubled}, gone ${gone}`,
        `  damages ${JSON.stringify(plan.damages)}, reads ${plan.reads}`,
        `  made ${JSON.stringify(made)}`,
        ...told.map((one) => `  told ${JSON.stringify(one)}`),
      ].join('\n'),
    );
  }
}

/** Runs on one sandbox, of one generation and speed, before it is replaced. */
const RUNS_PER_SANDBOX = 25;

/** Groups runs by the sandbox that they share. A run that is repeated gets a sandbox of its own each time. */
function batchesOf(seeds: readonly number[]): Array<readonly number[]> {
  const batches: number[][] = [];
  for (const [index, seed] of seeds.entries()) {
    const follows = seed === (seeds[index - 1] ?? -1) + 1 && seed % RUNS_PER_SANDBOX !== 0;
    if (follows) batches.at(-1)?.push(seed);
    else batches.push([seed]);
  }
  return batches;
}

/**
 * Plays runs, several lanes at once.
 * @param seeds one for each run
 */
export async function playRuns(seeds: readonly number[], lanes: number): Promise<Figures> {
  const figures = noFigures();
  const workers = await Workers.start(3);
  const batches = batchesOf(seeds);
  try {
    const lane = async (): Promise<void> => {
      for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
        await playBatch(batch, workers, figures);
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
  } finally {
    await workers.stop();
  }
  return figures;
}

async function playBatch(seeds: readonly number[], workers: Workers, figures: Figures): Promise<void> {
  const random = randomOf(Math.floor((seeds[0] ?? 0) / RUNS_PER_SANDBOX));
  const generation: Generation = random.pick(['current', 'current', 'legacy']);
  const speed = random.pick([20, 100, 600, 3_000]);
  const sandbox = await startSandbox({ clock: scaledClock, generation, speed });
  const relay = await startRelay(sandbox.url);
  try {
    const coriolis = connect(sandbox, sandbox.connection, scaledRuntime);
    for (const seed of seeds) {
      const plan = planOf(seed);
      try {
        await play({ sandbox, relay, coriolis, workers }, plan, figures);
      } catch (error) {
        relay.decide = () => undefined;
        figures.faults.push(`seed ${seed}: ${plan.operation} on ${generation}: ${String(error)}`);
      }
    }
  } finally {
    workers.forget(sandbox.connection.auth_url.replace(sandbox.url, relay.url));
    await relay.stop();
    await sandbox.stop();
  }
}

export type { Prepared };
