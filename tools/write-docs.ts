import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { renderOperations } from './reference';

const file = join(__dirname, '..', 'docs', 'operations.md');

async function main(): Promise<void> {
  writeFileSync(
    file,
    await format(renderOperations(), { ...(await resolveConfig(file)), parser: 'markdown' }),
  );
}

void main();
