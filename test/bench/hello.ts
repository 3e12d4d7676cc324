import { join } from 'node:path';
import { build } from 'esbuild';

/** Bundles a hello-world server the way ours is; where it is then. */
export async function buildHello(name: 'helloServer' | 'helloHttpServer'): Promise<string> {
  const outfile = join(__dirname, '..', '..', '.cache', 'bench', `${name}.cjs`);
  await build({
    entryPoints: [join(__dirname, `${name}.ts`)],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    logLevel: 'error',
  });
  return outfile;
}
