import { join } from 'node:path';
import { build } from 'esbuild';

const FILE = join(__dirname, '..', '..', '.cache', 'bench', 'hello-mcp.cjs');

/** Bundles the hello-world server the way ours is; where it is then. */
export async function buildHello(): Promise<string> {
  await build({
    entryPoints: [join(__dirname, 'helloServer.ts')],
    outfile: FILE,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    logLevel: 'error',
  });
  return FILE;
}
