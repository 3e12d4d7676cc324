import { spawn } from 'node:child_process';
import { bare, built } from './server';
import type { Environment } from './server';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built server with this input, until its input ends. */
export function run(args: readonly string[], input = '', env: Environment = bare): Promise<Ended> {
  const child = spawn(process.execPath, [built, ...args], { env: { ...env } });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += String(chunk)));
  child.stderr.on('data', (chunk) => (stderr += String(chunk)));
  child.stdin.end(input);
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}
