import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { renderEventIndex, renderEvents } from './events';

/** `npm run docs` writes the files that are generated from the code; `npm run docs -- --check` compares them. */

const root = join(__dirname, '../..');

/** Generated files in the order of their generation: pages are rendered with the index of the events. */
const files: Readonly<Record<string, () => string | Promise<string>>> = {
  'src/watch/kinds/index.ts': renderEventIndex,
  'docs/events.md': renderEvents,
  'docs/operations.md': async () => (await import('./reference')).renderOperations(),
  'docs/cli-parity.json': async () => JSON.stringify((await import('./reference')).parity()),
};

async function main(check: boolean): Promise<void> {
  for (const [name, render] of Object.entries(files)) {
    const filepath = join(root, name);
    const text = await format(await render(), { ...(await resolveConfig(filepath)), filepath });
    if (!check) writeFileSync(filepath, text);
    else if (!existsSync(filepath) || readFileSync(filepath, 'utf8') !== text) {
      console.error(`${name} is not up to date: run \`npm run docs\``);
      process.exitCode = 1;
    }
  }
}

void main(process.argv.includes('--check'));
