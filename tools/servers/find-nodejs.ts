// Node.js for third-party tools: some refuse the oldest release that this repository supports.
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Finds the Node.js for a tool: this one when it is new enough, otherwise the one installed with the tool.
 * @param folder of the tool, whose lock file names the packages `node-<platform>-<architecture>`
 * @param major oldest major version that the tool runs on
 * @throws when neither is new enough
 */
export function findNodejs(folder: string, major: number): string {
  if (Number(process.versions.node.split('.')[0]) >= major) return process.execPath;
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const file = platform === 'win' ? 'node.exe' : 'node';
  const installed = join(folder, 'node_modules', `node-${platform}-${process.arch}`, 'bin', file);
  if (existsSync(installed)) return installed;
  throw new Error(`Node.js ${major} or newer is needed; this is ${process.version}`);
}
