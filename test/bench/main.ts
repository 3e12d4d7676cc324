import { describeFigure, type Benchmark } from './figure';
import { items } from './items';
import { logins } from './logins';
import { memory } from './memory';
import { overhead } from './overhead';
import { poll } from './poll';
import { startup } from './startup';
import { tokens } from './tokens';

const benchmarks: readonly Benchmark[] = [logins, poll, items, overhead, memory, startup, tokens];
const names = benchmarks.map(({ name }) => name);

/** Budgets that are missed are printed, not punished: a figure is for people. */
async function main(wanted: readonly string[]): Promise<void> {
  if (wanted.includes('--help')) {
    console.log(`npm run bench [-- name…]\n\nNames: ${names.join(', ')}; all of them when none is given.`);
    return;
  }
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length > 0)
    throw new Error(`No such benchmark: ${unknown.join(', ')}; there are ${names.join(', ')}`);
  for (const benchmark of benchmarks) {
    if (wanted.length > 0 && !wanted.includes(benchmark.name)) continue;
    console.error(`${benchmark.name}: ${benchmark.title} …`);
    for (const figure of await benchmark.run()) console.log(describeFigure(figure));
  }
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    process.exit(1);
  },
);
