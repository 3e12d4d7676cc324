import { describeFigure, type Benchmark } from './figure';
import { logins } from './logins';
import { overhead } from './overhead';

const benchmarks: readonly Benchmark[] = [logins, overhead];

async function main(wanted: readonly string[]): Promise<void> {
  const unknown = wanted.filter((name) => !benchmarks.some((benchmark) => benchmark.name === name));
  if (unknown.length > 0 || wanted.includes('--help')) {
    console.log(`npm run bench [-- name…]   names: ${benchmarks.map(({ name }) => name).join(', ')}`);
    process.exitCode = wanted.includes('--help') ? 0 : 2;
    return;
  }
  for (const benchmark of benchmarks) {
    if (wanted.length > 0 && !wanted.includes(benchmark.name)) continue;
    console.error(`${benchmark.name}: ${benchmark.title} …`);
    for (const figure of await benchmark.run()) console.log(describeFigure(figure));
  }
}

void main(process.argv.slice(2));
