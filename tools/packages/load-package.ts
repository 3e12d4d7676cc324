// Loads an unpacked n8n package with n8n's own loader and prints what it found: load-package.ts <folder>
import 'reflect-metadata';
import { PackageDirectoryLoader } from 'n8n-core';

async function main(folder: string): Promise<void> {
  const loader = new PackageDirectoryLoader(folder);
  await loader.loadAll();
  const nodes = Object.keys(loader.nodeTypes);
  const credentials = Object.keys(loader.credentialTypes);
  const { nodes: expectedNodes = [], credentials: expectedCredentials = [] } = loader.packageJson.n8n ?? {};
  if (nodes.length !== expectedNodes.length || credentials.length !== expectedCredentials.length) {
    throw new Error(
      `loaded ${nodes.join(', ')}; ${credentials.join(', ')}, which is not all that package.json names`,
    );
  }
  process.stdout.write(`nodes ${nodes.join(', ')}; credentials ${credentials.join(', ')}\n`);
}

void main(process.argv[2] ?? '').then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  },
);
