// npm run n8n [-- options]: see USAGE.
import { parseArgs } from 'node:util';
import { printLine } from '../install.mjs';
import { startTrial } from './trial';
import { introduceTrial } from './trial-introduction';

const USAGE = `npm run n8n [-- options]

Starts n8n's editor with the Coriolis nodes, a sandbox to move machines in, a mail server that delivers nothing, and the
templates, filled in for the sandbox. The first start installs n8n: about five minutes and 3 GB of disk. Ctrl-C stops everything; nothing is kept.

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
function readOptions(args: string[]): Options | 'help' {
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
  const number = (name: 'port' | 'sandbox-port' | 'speed', maximum: number): number => {
    const value = Number(values[name]);
    if (value >= 0 && value <= maximum) return value;
    throw new Error(`--${name} must be a number up to ${maximum}, not "${values[name]}"`);
  };
  return {
    port: number('port', 65_535),
    sandboxPort: number('sandbox-port', 65_535),
    speed: number('speed', 100_000),
    release: values.oldest ? 'oldest' : 'current',
  };
}

async function run(options: Options): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
  });
  const trial = await startTrial(options);
  try {
    for (const line of introduceTrial(trial, options.speed)) printLine(line);
    await Promise.race([stopped, trial.n8n.ended]);
    printLine('Stopping');
  } finally {
    await trial.stop();
  }
}

async function main(args: string[]): Promise<void> {
  const chosen = readOptions(args);
  if (chosen === 'help') printLine(USAGE);
  else await run(chosen);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  printLine(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
