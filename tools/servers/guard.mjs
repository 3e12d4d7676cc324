// Runs one program that must not outlive the process that starts it: node guard.mjs <program> [arguments]
// The starting process keeps an IPC channel to this one open. When the channel closes, or on a signal, the program's
// whole process group is ended.
import { spawn } from 'node:child_process';

const STOP_MS = 15_000;

const [program = '', ...args] = process.argv.slice(2);
const [uid, gid] = (process.env['GUARD_USER'] ?? '').split(':').map(Number);
const { GUARD_USER: _, ...env } = process.env;
const child = spawn(program, args, {
  env,
  stdio: ['ignore', 'inherit', 'inherit'],
  // Its own process group, so that its helpers end with it and Ctrl-C only reaches this process.
  detached: true,
  ...(uid === undefined || gid === undefined || Number.isNaN(uid) ? {} : { uid, gid }),
});

/**
 * Sends a signal to the program and its helpers.
 * @param {NodeJS.Signals} signal
 */
function signalGroup(signal) {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // No process of the group is left.
  }
}

function stop() {
  // Only the program gets this signal: it ends its helpers in its own order.
  child.kill('SIGTERM');
  setTimeout(() => signalGroup('SIGKILL'), STOP_MS).unref();
}

process.on('disconnect', stop);
process.on('SIGTERM', stop);
process.on('SIGINT', () => {});
process.on('message', (message) => (message === 'SIGKILL' ? signalGroup('SIGKILL') : stop()));

child.once('error', (error) => {
  process.stderr.write(`${program}: ${error.message}\n`);
  process.exit(127);
});
child.once('exit', (code) => {
  signalGroup('SIGKILL');
  process.exit(code ?? 1);
});
