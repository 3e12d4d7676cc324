import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { join } from 'node:path';

/**
 * `npm run soak [-- SUITE …] [--seed N]`: the random tests of `npm test` with new cases and many more of them. Prints the
 * seed, which repeats the run.
 */

/** Suites: their tests as a pattern of paths, and how many times the usual number of cases they run. */
const suites: Readonly<Record<string, { readonly tests: string; readonly times: number }>> = {
  // 4 properties of 75 cases: 10,200 histories.
  watch: { tests: 'test/unit/watch/exactly-once', times: 34 },
  // 150 requests of each generation: 10,200 requests.
  'bad-requests': { tests: 'test/sandbox/bad-requests/fuzz', times: 34 },
  // 140 moves of three faces, and their machines: 4,760 moves.
  names: { tests: 'test/names', times: 34 },
  // 2 properties of 15 cases: 1,020 histories.
  'watch-kinds': { tests: 'test/unit/watch/every-kind', times: 34 },
};

const HOUR_MS = 3_600_000;

function main(words: readonly string[]): number {
  const at = words.indexOf('--seed');
  const seed = at === -1 ? randomInt(2 ** 31) : Number(words[at + 1]);
  const names = words.filter((_, index) => at === -1 || (index !== at && index !== at + 1));
  const unknown = names.filter((name) => !Object.hasOwn(suites, name));
  if (unknown.length > 0 || !Number.isInteger(seed)) {
    console.error(`usage: npm run soak [-- SUITE …] [--seed N]; suites: ${Object.keys(suites).join(', ')}`);
    return 2;
  }
  console.log(`Seed ${seed}; repeat with: npm run soak -- ${names.join(' ')} --seed ${seed}`);
  let code = 0;
  for (const [name, { tests, times }] of Object.entries(suites)) {
    if (names.length > 0 && !names.includes(name)) continue;
    console.log(`${name}: ${times} times the usual number of cases`);
    const jest = join(__dirname, '..', '..', 'node_modules', 'jest', 'bin', 'jest.js');
    const run = spawnSync(process.execPath, [jest, tests, '--maxWorkers=1', `--testTimeout=${HOUR_MS}`], {
      stdio: 'inherit',
      env: { ...process.env, PROPERTY_SEED: String(seed), PROPERTY_RUNS: String(times) },
    });
    code = Math.max(code, run.status ?? 1);
  }
  return code;
}

process.exitCode = main(process.argv.slice(2));
