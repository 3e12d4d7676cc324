// npm run n8n [-- options]: see USAGE.
import { parseArgs } from 'node:util';
import { loginEnvironment } from '../../sandbox/login';
import { startSandboxProcess } from '../../test/support/sandbox-process';
import { printLine } from '../install.mjs';
import { sandboxCredential, readTemplates } from './client';
import { startN8n } from './server';

const USAGE = `npm run n8n [-- options]

Starts n8n's editor with the Coriolis nodes, a sandbox to move machines in, a credential for it and the templates.
The first start installs n8n: about five minutes and 3 GB of disk. Ctrl-C stops everything; nothing is kept.

  --port N           port of the editor, 5678 unless it is taken
  --sandbox-port N   port of the sandbox, any free one when left out
  --speed N          how much faster than life the sandbox copies machines; 60 when left out
  --oldest           n8n 1.123, the oldest one supported, instead of the current one
  --help             this text`;

interface Options {
  readonly port: number;
  readonly sandboxPort: number;
  readonly speed: number;
  readonly release: 'current' | 'oldest';
}

/**
 * Reads the options of the command line.
 * @throws in words when an option is unknown or no number
 */
function options(args: string[]): Options | 'help' {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: 'string', default: '5678' },
      'sandbox-port': { type: 'string', default: '0' },
      speed: { type: 'string', default: '60' },
      oldest: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const number = (name: 'port' | 'sandbox-port' | 'speed', most: number): number => {
    const value = Number(values[name]);
    if (value >= 0 && value <= most) return value;
    throw new Error(`--${name} must be a number up to ${most}, not "${values[name]}"`);
  };
  return {
    port: number('port', 65_535),
    sandboxPort: number('sandbox-port', 65_535),
    speed: number('speed', 100_000),
    release: values.oldest ? 'oldest' : 'current',
  };
}

async function run({ port, sandboxPort, speed, release }: Options): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
  });
  const n8n = await startN8n({ port, release });
  try {
    printLine('Starting the sandbox');
    const sandbox = await startSandboxProcess({ speed, port: sandboxPort });
    try {
      const workflows = readTemplates();
      printLine(`Adding a credential and ${workflows.length} workflows`);
      const credential = await n8n.addCredential('Coriolis sandbox', sandboxCredential(sandbox.connection));
      for (const workflow of workflows) await n8n.addWorkflow(workflow, credential);
      printLine('');
      printLine(`n8n      ${n8n.url}/home/workflows`);
      printLine(`e-mail   ${n8n.owner.email}`);
      printLine(`password ${n8n.owner.password}`);
      printLine(`sandbox  ${sandbox.connection.auth_url}, ${speed} times as fast as life`);
      printLine('');
      printLine('The same sandbox for npm run demo, the MCP server and the coriolis command line:');
      for (const [name, value] of Object.entries(loginEnvironment(sandbox.connection))) {
        printLine(`  export ${name}='${value}'`);
      }
      printLine('');
      printLine(
        `${workflows.length} workflows are there. Open one, choose the endpoints from the lists, and run it.`,
      );
      printLine('Ctrl-C stops everything; nothing is kept.');
      await Promise.race([stopped, n8n.ended]);
      printLine('Stopping');
    } finally {
      await sandbox.stop();
    }
  } finally {
    await n8n.stop();
  }
}

async function main(args: string[]): Promise<void> {
  const chosen = options(args);
  if (chosen === 'help') printLine(USAGE);
  else await run(chosen);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  printLine(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
