import { randomInt } from 'node:crypto';
import { Parts, type Suite } from './parts';

/**
 * `npm run soak [-- SUITE …] [--seed N] [--runs N] [--minutes N] [--case N]`: the random tests of `npm test` with new cases and
 * many more of them, in parts of about a minute. After each part it prints how many cases were tried, the faults and the seeds,
 * and after a fault the call that repeats its part. `--runs` is the number of cases of each suite, `--minutes` the time of all suites: what is not tried by then
 * is not counted. `--case` repeats one case of `damaged-changes`, by the seed that its fault names.
 */

/** Suites, with the number of cases that each tries unless `--runs` says so. */
const suites: Readonly<Record<string, Suite & { readonly runs: number }>> = {
  // 4 properties of 75 cases.
  watch: { tests: 'test/unit/watch/exactly-once', usual: 300, runs: 10_200 },
  // 150 requests of each generation.
  'bad-requests': { tests: 'test/sandbox/bad-requests/fuzz', usual: 300, runs: 10_200 },
  // Moves of three faces.
  names: { tests: 'test/names', usual: 140, runs: 4760 },
  // 12 worlds of each generation.
  preflight: { tests: 'test/preflight', usual: 24, runs: 816 },
  // 5 properties of 15 histories.
  'watch-kinds': { tests: 'test/unit/watch/every-kind', usual: 75, runs: 10_050 },
  // Frames over stdio and HTTP. Drives the built packages.
  frames: { tests: 'test/mcp/frames', usual: 300, runs: 10_200 },
  // Drives the built packages.
  'damaged-changes': { tests: 'test/damage', usual: 30, runs: 2010 },
  // Waves of up to 60 machines.
  waves: { tests: 'test/waves/exactly-once', usual: 5, runs: 100 },
};

const YEAR_MINUTES = 366 * 24 * 60;

/** Value of an option, and the words without it. */
function option(words: readonly string[], name: string): readonly [number | undefined, readonly string[]] {
  const at = words.indexOf(name);
  return at === -1
    ? [undefined, words]
    : [Number(words[at + 1]), words.filter((_, index) => index !== at && index !== at + 1)];
}

async function main(words: readonly string[]): Promise<number> {
  const [seed = randomInt(2 ** 31), afterSeed] = option(words, '--seed');
  const [runs, afterRuns] = option(afterSeed, '--runs');
  const [minutes = YEAR_MINUTES, afterMinutes] = option(afterRuns, '--minutes');
  const [only, names] = option(afterMinutes, '--case');
  const unknown = names.filter((name) => !Object.hasOwn(suites, name));
  const isRuns = runs === undefined || (Number.isInteger(runs) && runs > 0);
  if (unknown.length > 0 || !Number.isInteger(seed) || !isRuns || !(minutes > 0)) {
    console.error(
      `usage: npm run soak [-- SUITE …] [--seed N] [--runs N] [--minutes N] [--case N]; suites: ${Object.keys(suites).join(', ')}`,
    );
    return 2;
  }
  console.log(`Seed ${seed}`);
  const wanted = Object.entries(suites).filter(([name]) => names.length === 0 || names.includes(name));
  const end = Date.now() + minutes * 60_000;
  const parts: Parts[] = [];
  const stop = { isAsked: false };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      stop.isAsked = true;
      parts.at(-1)?.stop();
    });
  }
  let faults = 0;
  for (const [index, [name, suite]] of wanted.entries()) {
    if (stop.isAsked) break;
    // Each suite gets an equal share of the time that is left.
    const until = Date.now() + (end - Date.now()) / (wanted.length - index);
    const wish = { seed, cases: runs ?? suite.runs, until, only };
    const part = new Parts(name, suite, wish, (line) => console.log(line));
    parts.push(part);
    faults += await part.run();
  }
  return faults > 0 || stop.isAsked ? 1 : 0;
}

void main(process.argv.slice(2)).then((code) => (process.exitCode = code));
