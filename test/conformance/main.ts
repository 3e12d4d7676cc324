// npm run conformance [-- arguments for jest]: the MCP server before judges that others wrote.
// The judges are installed first, so that no test has to wait for that.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { repositoryRoot, printLine } from '../../tools/install.mjs';
import { installJudges } from './judges';

async function main(args: readonly string[]): Promise<number> {
  await installJudges();
  const child = spawn(
    process.execPath,
    [join(repositoryRoot, 'node_modules/jest/bin/jest.js'), '-c', 'test/conformance/jest.config.js', ...args],
    { cwd: repositoryRoot, stdio: 'inherit' },
  );
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    printLine(error instanceof Error ? (error.stack ?? error.message) : String(error));
    process.exitCode = 1;
  },
);
