// Installing from a lock file: for the repository itself, and for the heavy tools that only some commands need.
// Uses nothing but Node.js and the npm that comes with it (10 or 11).
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLock } from './lock.mjs';

export const repositoryRoot = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Prints a message to standard error, so that a command's own output stays clean.
 * @param {string} line
 */
export const printLine = (line) => process.stderr.write(`${line}\n`);

/**
 * Runs a program to its end, with its output on standard error.
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, quiet?: boolean }} [options] `quiet` drops its standard output
 * @returns {Promise<void>} rejected when it ends with anything but 0
 */
export function runProgram(program, args, { cwd = repositoryRoot, env = process.env, quiet = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', quiet ? 'ignore' : 2, 2] });
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      code === 0
        ? resolve()
        : reject(new Error(`${[program, ...args].join(' ')} ended with ${signal ?? code}`)),
    );
  });
}

/**
 * Runs npm: the one that started this process, or the one in the path.
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, quiet?: boolean }} [options]
 */
export function runNpm(args, options) {
  const cli = process.env.npm_execpath ?? '';
  if (cli.endsWith('npm-cli.js')) return runProgram(process.execPath, [cli, ...args], options);
  return process.platform === 'win32'
    ? runProgram('cmd', ['/c', 'npm', ...args], options)
    : runProgram('npm', args, options);
}

/**
 * Reads the packages of a lock file.
 * @param {string} lockFile
 * @returns {Record<string, { version?: string, link?: boolean, optional?: boolean, peer?: boolean }>}
 */
const packagesOf = (lockFile) => JSON.parse(readFileSync(lockFile, 'utf8')).packages;

/**
 * Whether the packages of a folder's package-lock.json are installed. npm writes what it installed into a hidden lock
 * file as its last step, so an interrupted installation, and one from an older lock file, are both seen.
 * @param {string} folder
 */
export function isInstalled(folder) {
  const hidden = join(folder, 'node_modules', '.package-lock.json');
  if (!existsSync(hidden)) return false;
  const installed = packagesOf(hidden);
  return Object.entries(packagesOf(join(folder, 'package-lock.json')))
    .filter(([path, entry]) => path.includes('node_modules/') && !entry.link)
    .every(([path, entry]) =>
      installed[path] ? installed[path].version === entry.version : entry.optional || entry.peer,
    );
}

/**
 * Says what begins, runs `work` and says from time to time that it goes on, so that nobody takes a silent step for one that hangs.
 * @template T
 * @param {string} what the step, as the beginning of a sentence: "Starting n8n"
 * @param {() => Promise<T>} work
 * @param {number} [everyMs] milliseconds between two lines
 * @returns {Promise<T>}
 */
export async function withHeartbeat(what, work, everyMs = 20_000) {
  const started = Date.now();
  printLine(what);
  const heartbeat = setInterval(
    () => printLine(`  still at work, ${Math.round((Date.now() - started) / 1000)} s`),
    everyMs,
  );
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
  }
}

/**
 * Installs `folder` exactly as locked, without any package's install scripts, and says how long it took.
 * @param {string} folder
 * @param {string} what words for what is installed, shown to the person who waits
 */
export async function installLocked(folder, what) {
  const started = Date.now();
  await withHeartbeat(`Installing ${what}`, () =>
    runNpm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder }),
  );
  printLine(`Installed in ${Math.round((Date.now() - started) / 1000)} s`);
}

/**
 * Runs `work` while no other process installs the same, and says so when it has to wait.
 * @template T
 * @param {string} folder what is installed; the lock stands beside it
 * @param {() => Promise<T>} work must not install the same folder again
 * @returns {Promise<T>}
 */
export function installAlone(folder, work) {
  const lock = `${folder}.lock`;
  return withLock(lock, work, (pid) =>
    printLine(`Process ${pid} is at work in ${folder}: waiting. If there is none, delete ${lock}`),
  );
}

/**
 * Installs a heavy tool into the cache from the lock file in `tools/locks/<name>/`, unless it is there. Of several
 * processes that ask for it at once one installs it and the others wait. Returns its folder.
 * @param {string} name a folder below tools/locks/
 * @param {string} what words for the tool and its size, shown to the person who waits
 * @param {(folder: string) => Promise<void>} [finish] does the rest of the installation, each time, and looks itself for what is there
 */
export async function installTool(name, what, finish) {
  const folder = join(repositoryRoot, '.cache', 'tools', name);
  mkdirSync(folder, { recursive: true });
  await installAlone(folder, async () => {
    for (const file of ['package.json', 'package-lock.json']) {
      copyFileSync(join(repositoryRoot, 'tools', 'locks', name, file), join(folder, file));
    }
    if (!isInstalled(folder)) await installLocked(folder, what);
    await finish?.(folder);
  });
  return folder;
}
