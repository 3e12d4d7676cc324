import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(__dirname, '../..');

describe('docs/conversations.md', () => {
  it('shows what the server answers', () => {
    const { status, stderr } = spawnSync(
      process.execPath,
      ['--import', 'tsx', join(root, 'tools/docs/write-conversations.ts'), '--check'],
      { cwd: root, encoding: 'utf8', timeout: 600_000 },
    );

    expect([status, stderr]).toEqual([0, '']);
  });
});
