import { spawnSync } from 'node:child_process';
import { describeFigure, type Benchmark } from './figure';

/** Loaded one at a time: what one needs (the n8n engine above all) makes the others slower. */
const benchmarks: Readonly<Record<string, () => Promise<Benchmark>>> = {
  logins: async () => (await import('./logins')).logins,
  poll: async () => (await import('./poll')).poll,
  names: async () => (await import('./names')).names,
  items: async () => (await import('./items')).items,
  overhead: async () => (await import('./overhead')).overhead,
  memory: async () => (await import('./memory')).memory,
  calls: async () => (await import('./calls')).calls,
  startup: async () => (await import('./startup')).startup,
  tokens: async () => (await import('./tokens')).tokens,
  daily: async () => (await import('./daily')).daily,
  waves: async () => (await import('./waves')).waves,
  peers: async () => (await import('./peers')).peers,
};
const names = Object.keys(benchmarks);

/**
 * Budgets that are missed are printed, not punished: a figure is for people. Each benchmark has a process of its own.
 * @returns the exit code
 */
async function main(wanted: readonly string[]): Promise<number> {
  if (wanted.includes('--help')) {
    console.log(`npm run bench [-- name…]\n\nNames: ${names.join(', ')}; all of them when none is given.`);
    return 0;
  }
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    console.error(`No such benchmark: ${unknown.join(', ')}; there are ${names.join(', ')}`);
    return 2;
  }
  const chosen = wanted.length === 0 ? names : wanted;
  const load = chosen.length === 1 ? benchmarks[chosen[0] ?? ''] : undefined;
  if (load !== undefined) {
    const { name, title, run } = await load();
    console.error(`${name}: ${title} …`);
    for (const figure of await run()) console.log(describeFigure(figure));
    return 0;
  }
  const codes = chosen.map(
    (name) =>
      spawnSync(process.execPath, ['--import', 'tsx', __filename, name], { stdio: 'inherit' }).status ?? 1,
  );
  return Math.max(...codes);
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    process.exit(1);
  },
);
