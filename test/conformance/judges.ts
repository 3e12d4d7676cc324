import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { installTool } from '../../tools/install.mjs';
import { findNodejs } from '../../tools/servers/find-nodejs';
import { bare } from '../mcp/support/server';

/** The Inspector wants 22.19, the conformance suite 22. */
const NODE_MAJOR = 23;
const LONGEST_MS = 800_000;

/** The programs that judge MCP servers, as `tools/mcp` locks them. */
const SCRIPTS = {
  conformance: '@modelcontextprotocol/conformance/dist/index.js',
  inspector: '@modelcontextprotocol/inspector/clients/launcher/build/index.js',
  mcpb: '@anthropic-ai/mcpb/dist/cli/cli.js',
};
export type Judge = keyof typeof SCRIPTS;

/** What a judge said. */
export interface Verdict {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The folder that holds them; they are installed when they are not there yet. */
export const installJudges = (): Promise<string> =>
  installTool('mcp', 'the conformance suite and the Inspector of MCP (once, 400 MB, about a minute)');

/** Lets a judge speak. @throws when it does not end in time */
export async function ask(judge: Judge, args: readonly string[], folder: string): Promise<Verdict> {
  const installed = await installJudges();
  const script = join(installed, 'node_modules', SCRIPTS[judge]);
  return await new Promise((resolve, reject) => {
    execFile(
      findNodejs(installed, NODE_MAJOR),
      [script, ...args],
      { cwd: folder, env: { ...bare, HOME: folder }, timeout: LONGEST_MS, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error?.killed === true) reject(new Error(`${judge} did not end in time:\n${stdout}\n${stderr}`));
        else
          resolve({
            code: typeof error?.code === 'number' ? error.code : error === null ? 0 : 1,
            stdout,
            stderr,
          });
      },
    );
  });
}
