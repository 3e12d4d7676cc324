import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { join } from 'node:path';

/**
 * `npm run soak [-- SUITE …] [--seed N] [--runs N] [--case N]`: the random tests of `npm test` with new cases and many more of them.
 * Prints the seed, which repeats the run. `--runs` is the number of cases. `--case` repeats one case of `damaged-changes`, by the
 * seed that its fault names.
 */

/**
 * Suites: their tests as a pattern of paths, how many times the usual number of cases they run, and the usual number of cases
 * for `--runs`.
 */
const suites: Readonly<
  Record<string, { readonly tests: string; readonly times: number; readonly usual: number }>
> = {
  // 4 properties of 75 cases: 10,200 histories.
  watch: { tests: 'test/unit/watch/exactly-once', times: 34, usual: 300 },
  // 150 requests of each generation: 10,200 requests.
  'bad-requests': { tests: 'test/sandbox/bad-requests/fuzz', times: 34, usual: 300 },
  // 140 moves of three faces: 4,760 moves.
  names: { tests: 'test/names', times: 34, usual: 140 },
  // 12 worlds of each generation: 816 worlds.
  preflight: { tests: 'test/preflight', times: 34, usual: 24 },
  // 5 properties of 15 cases: 10,050 histories.
  'watch-kinds': { tests: 'test/unit/watch/every-kind', times: 134, usual: 75 },
  // 300 frames over stdio and HTTP: 10,200 frames. Drives the built packages.
  frames: { tests: 'test/mcp/frames', times: 34, usual: 300 },
  // 30 runs: 2,010 runs. Drives the built packages.
  'damaged-changes': { tests: 'test/damage', times: 67, usual: 30 },
  // 5 waves of up to 60 machines: 100 waves.
  waves: { tests: 'test/waves/exactly-once', times: 20, usual: 5 },
};

const HOUR_MS = 3_600_000;

/** Value of an option, and the words without it. */
function option(words: readonly string[], name: string): readonly [number | undefined, readonly string[]] {
  const at = words.indexOf(name);
  return at === -1
    ? [undefined, words]
    : [Number(words[at + 1]), words.filter((_, index) => index !== at && index !== at + 1)];
}

function main(words: readonly string[]): number {
  const [seed = randomInt(2 ** 31), others] = option(words, '--seed');
  const [runs, rest] = option(others, '--runs');
  const [only, names] = option(rest, '--case');
  const unknown = names.filter((name) => !Object.hasOwn(suites, name));
  if (unknown.length > 0 || !Number.isInteger(seed) || !(Number.isInteger(runs ?? 1) && (runs ?? 1) > 0)) {
    console.error(
      `usage: npm run soak [-- SUITE …] [--seed N] [--runs N] [--case N]; suites: ${Object.keys(suites).join(', ')}`,
    );
    return 2;
  }
  console.log(`Seed ${seed}; repeat with: npm run soak -- ${names.join(' ')} --seed ${seed}`);
  let code = 0;
  for (const [name, { tests, times: usualTimes, usual }] of Object.entries(suites)) {
    if (names.length > 0 && !names.includes(name)) continue;
    const times = runs === undefined ? usualTimes : Math.ceil(runs / usual);
    console.log(`${name}: ${times * usual} cases`);
    const jest = join(__dirname, '..', '..', 'node_modules', 'jest', 'bin', 'jest.js');
    const run = spawnSync(process.execPath, [jest, tests, '--maxWorkers=1', `--testTimeout=${HOUR_MS}`], {
      stdio: 'inherit',
      env: {
        ...process.env,
        PROPERTY_SEED: String(seed),
        PROPERTY_RUNS: String(times),
        ...(only === undefined ? {} : { PROPERTY_CASE: String(only) }),
      },
    });
    code = Math.max(code, run.status ?? 1);
  }
  return code;
}

process.exitCode = main(process.argv.slice(2));
