import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { catalogue } from '../../src/catalogue';
import { operationId } from '../../src/operation';
import commands from '../../tools/docs/cli-commands.json';

const root = join(__dirname, '..', '..');

describe('parity with the official command-line clients', () => {
  const rows = commands.map(({ row }) => row);

  it('covers all 122 commands: 50 of 2020, 72 of today', () => {
    expect(new Set(rows).size).toBe(rows.length);
    expect(rows.filter((row) => row.startsWith('L-'))).toHaveLength(50);
    expect(rows.filter((row) => row.startsWith('C-'))).toHaveLength(72);
  });

  it('maps each command of the reference page, and no other, to an operation that exists', () => {
    const page = readFileSync(join(root, 'docs/reference/cli-parity.md'), 'utf8');
    const described = page
      .split('\n')
      .flatMap((line) => (line.split('|')[1] ?? '').match(/[LC]-[A-Z-]+/gu) ?? []);

    expect([...new Set(described)].sort()).toEqual([...rows].sort());
    const known = catalogue.map(operationId);
    expect(commands.filter(({ operation }) => !known.includes(operation))).toEqual([]);
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
