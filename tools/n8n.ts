// npm run n8n [-- --port N --speed N]: n8n's editor with the nodes, a sandbox to move machines in, a credential for it and
// the templates. Ctrl-C stops everything; nothing is kept.
import { parseArgs } from 'node:util';
import { startSandboxProcess } from '../test/support/sandboxProcess';
import { say } from './install.mjs';
import { credentialFor, templates } from './n8n-client';
import { startN8n } from './n8n-server';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '5678' },
      speed: { type: 'string', default: '60' },
    },
  });
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve());
  });

  const n8n = await startN8n({ port: Number(values.port) });
  try {
    const sandbox = await startSandboxProcess({ speed: Number(values.speed) });
    try {
      const credential = await n8n.addCredential('Coriolis sandbox', credentialFor(sandbox.connection));
      for (const template of templates()) await n8n.addWorkflow(template, credential);
      say('');
      say(`n8n      ${n8n.url}`);
      say(`e-mail   ${n8n.owner.email}`);
      say(`password ${n8n.owner.password}`);
      say(`sandbox  ${sandbox.connection.auth_url}, ${values.speed} times as fast as life`);
      say('');
      say(
        'Open a workflow, choose the endpoints from the lists, and run it. Ctrl-C stops everything; nothing is kept.',
      );
      await Promise.race([stopped, n8n.ended]);
    } finally {
      await sandbox.stop();
    }
  } finally {
    await n8n.stop();
  }
}

main().catch((error: unknown) => {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
