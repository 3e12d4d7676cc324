import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { parity, renderOperations } from './reference';

/** `npm run docs` writes the pages that are generated from the catalogue; `npm run docs -- --check` compares them. */

const docs = join(__dirname, '..', 'docs');
const pages = {
  'operations.md': renderOperations(),
  'cli-parity.json': JSON.stringify(parity()),
};

async function main(check: boolean): Promise<void> {
  for (const [name, text] of Object.entries(pages)) {
    const filepath = join(docs, name);
    const page = await format(text, { ...(await resolveConfig(filepath)), filepath });
    if (!check) writeFileSync(filepath, page);
    else if (readFileSync(filepath, 'utf8') !== page) {
      console.error(`docs/${name} is not what the catalogue says: run \`npm run docs\``);
      process.exitCode = 1;
    }
  }
}

void main(process.argv.includes('--check'));
