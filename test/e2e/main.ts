// npm run test:e2e [-- arguments for jest]: the packed nodes in real n8n servers, with a real browser, database and queue.
// What the tests share is made here: the installations, the package, and one n8n with a sandbox for all who do not harm it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { downloadDebianPackages } from '../../tools/servers/debian-servers';
import { repositoryRoot, printLine, installTool } from '../../tools/install.mjs';
import { makeSandboxCredentialFields } from '../../tools/n8n/n8n-client';
import { installMailCatcher } from '../../tools/n8n/mail-catcher';
import { installN8n } from '../../tools/n8n/install-n8n';
import { makeN8nHome, startN8nIn } from '../../tools/n8n/n8n-server';
import { packAndUnpack } from '../../tools/packages/pack-and-unpack';
import { withSandboxProcess } from '../support/sandbox-process';
import type { Shared } from './lab';

/** Does one step and says how long it took. */
async function step<T>(what: string, work: () => Promise<T>): Promise<T> {
  const started = Date.now();
  const result = await work();
  printLine(`${((Date.now() - started) / 1000).toFixed(1).padStart(6)} s  ${what}`);
  return result;
}

async function jest(args: readonly string[], shared: Shared): Promise<number> {
  const child = spawn(
    process.execPath,
    [join(repositoryRoot, 'node_modules/jest/bin/jest.js'), '-c', 'test/e2e/jest.config.js', ...args],
    { cwd: repositoryRoot, stdio: 'inherit', env: { ...process.env, E2E_SHARED: JSON.stringify(shared) } },
  );
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}

async function main(args: readonly string[]): Promise<number> {
  const current = await step('n8n', () => installN8n('current'));
  await step('n8n 1.123', () => installN8n('oldest'));
  await step('the driver of the browser', () => installTool('browser', 'the driver of the browser'));
  await step('a mail server', () => installMailCatcher());
  await step('Redis and PostgreSQL', () => downloadDebianPackages('queue'));
  // It is Debian's alone, so its absence must not keep others from the rest.
  await step('Keystone', () => downloadDebianPackages('keystone')).catch((error: unknown) =>
    printLine(`Without Keystone its tests will fail: ${String(error)}`),
  );
  const packed = mkdtempSync(join(tmpdir(), 'coriolis-packed-'));
  try {
    await step('npm pack', () => packAndUnpack('n8n-nodes-coriolis', packed));
    const home = await makeN8nHome({ packed });
    const n8n = await step(`start of n8n ${current.version}`, () => startN8nIn(home, current));
    try {
      return await withSandboxProcess({ speed: 1000, transfers: 250 }, async (sandbox) => {
        const credential = await n8n.addCredential('Coriolis sandbox', makeSandboxCredentialFields(sandbox));
        const { url } = n8n;
        return await step('the tests', () =>
          jest(args, { packed, n8n: { url, session: n8n.session() }, sandbox, credential }),
        );
      });
    } finally {
      await n8n.stop();
      home.remove();
    }
  } finally {
    rmSync(packed, { recursive: true, force: true });
  }
}

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    printLine(error instanceof Error ? (error.stack ?? error.message) : String(error));
    process.exitCode = 1;
  },
);
