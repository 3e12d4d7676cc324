import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { catalogue } from '../../src/catalogue';
import { operationId } from '../../src/operation';
import commands from '../../tools/docs/cli-commands.json';
import { parity } from '../../tools/docs/reference';

const root = join(__dirname, '..', '..');

describe('parity with the official command-line clients', () => {
  it('covers all 122 commands: 50 of 2020, 72 of today', () => {
    const rows = parity().map(({ row }) => row);
    expect(new Set(rows).size).toBe(122);
    expect(rows.filter((row) => row.startsWith('L-'))).toHaveLength(50);
    expect(rows.filter((row) => row.startsWith('C-'))).toHaveLength(72);
  });

  it('claims no command that does not exist', () => {
    const known = new Set(commands.map(({ row }) => row));
    const claimed = catalogue.flatMap((operation) =>
      operation.serves.map((row) => [operationId(operation), row]),
    );
    expect(claimed.filter(([, row]) => !known.has(row ?? ''))).toEqual([]);
  });
});

describe('the generated pages', () => {
  it('say what the catalogue says', async () => {
    const check = promisify(execFile)(
      process.execPath,
      ['--import', 'tsx', join(root, 'tools', 'docs', 'write-docs.ts'), '--check'],
      { cwd: root },
    );
    await expect(check).resolves.toMatchObject({ stderr: '' });
  });
});
