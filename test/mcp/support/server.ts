import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loginVariablesOf } from '../../../sandbox/login-variables';
import type { Sandbox } from '../../../sandbox/sandbox';

/** The built server: what a user starts. */
export const built = join(__dirname, '../../../mcp/dist/coriolis-mcp.cjs');

if (!existsSync(built)) {
  throw new Error('These tests drive the built server: run "npx gulp build:mcp" first.');
}

export type Environment = Readonly<Record<string, string>>;

/** What a process needs to run at all, and nothing that configures the server. */
export const bare: Environment = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent' };

/** The variables that log the main user of a sandbox in. */
export function loginOf({ connection }: Sandbox, more: Environment = {}): Environment {
  return {
    ...bare,
    ...loginVariablesOf(connection),
    ...more,
  };
}
