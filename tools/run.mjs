// Runs one command of this repository. In a fresh clone it first installs the packages; with --build it also builds
// when a source has changed.
//   node tools/run.mjs [--build] <script.ts | script.mjs | script.cjs | installed command> [arguments]
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { repositoryRoot, printLine } from './install.mjs';
import { setup } from './setup.mjs';

/**
 * Command that starts `target`: TypeScript through tsx, other scripts as they are, anything else is an installed
 * command.
 * @param {string} target
 * @returns {{ program: string, args: string[] }}
 */
function commandFor(target) {
  if (target.endsWith('.ts'))
    return { program: process.execPath, args: ['--import', 'tsx', join(repositoryRoot, target)] };
  if (/\.[cm]?js$/.test(target)) return { program: process.execPath, args: [join(repositoryRoot, target)] };
  const suffix = process.platform === 'win32' ? '.cmd' : '';
  return { program: join(repositoryRoot, 'node_modules', '.bin', target + suffix), args: [] };
}

/**
 * Runs `target` in the foreground; signals go through to it.
 * @param {string} target
 * @param {string[]} args
 * @returns {Promise<number>} its exit code
 */
function runInForeground(target, args) {
  const command = commandFor(target);
  const child = spawn(command.program, [...command.args, ...args], { cwd: repositoryRoot, stdio: 'inherit' });
  // A terminal sends Ctrl-C to both processes, so it is not passed on.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP']))
    process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 1)));
  });
}

const words = process.argv.slice(2);
const build = words[0] === '--build';
const [target, ...args] = build ? words.slice(1) : words;
if (target === undefined) {
  printLine('usage: node tools/run.mjs [--build] <script or command> [arguments]');
  process.exit(2);
}
try {
  await setup({ build: build ? 'stale' : 'never' });
  process.exitCode = await runInForeground(target, args);
} catch (error) {
  printLine(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
