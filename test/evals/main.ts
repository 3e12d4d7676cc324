import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { printLine } from '../../tools/install.mjs';
import { evaluationFiles } from './mcpchecker';
import { worlds, type WorldName } from './worlds';

/**
 * Command `npm run evals -- [folder] [world…]`: serves worlds and writes the questions for mcpchecker, until Ctrl-C.
 */
async function main(folder = 'evals', ...wanted: readonly string[]): Promise<void> {
  const names = (Object.keys(worlds) as WorldName[]).filter(
    (name) => wanted.length === 0 || wanted.includes(name),
  );
  for (const name of names) {
    const world = await worlds[name]();
    for (const [file, content] of Object.entries(evaluationFiles(name, world))) {
      const path = join(resolve(folder), file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, `${JSON.stringify(content, null, 2)}\n`);
    }
    printLine(`mcpchecker check ${join(resolve(folder), name, 'eval.yaml')}`);
  }
  printLine('The worlds are served until this process ends (Ctrl-C).');
}

main(...process.argv.slice(2)).catch((error: unknown) => {
  printLine(error instanceof Error ? error.message : String(error));
  process.exit(1);
});
