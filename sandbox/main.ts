import { Command, InvalidArgumentError, Option } from 'commander';
import { FAULT_HELP, FaultSyntaxError, parseFault } from './faults/syntax';
import { loginEnvironment } from './login';
import { version } from './package.json';
import { startSandbox } from './sandbox';
import type { Connection, Sandbox } from './sandbox';
import { GENERATIONS, RELEASES, generationOf } from './world/generation';
import type { Generation } from './world/generation';

interface CommandLine {
  port: number;
  host: string;
  json: boolean;
  speed: number;
  seed: number;
  generation?: Generation;
  release?: string;
  transfers: number;
  fault: string[];
  licensing: boolean;
  watcherQuirks: boolean;
}

const MAX_TRANSFERS = 1_000_000;

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (!/^\d+$/.test(text) || number < least || number > most) {
      throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
    }
    return number;
  };
}

function positiveNumber(text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number) || number <= 0) {
    throw new InvalidArgumentError('It must be a number greater than 0.');
  }
  return number;
}

function release(text: string): string {
  try {
    generationOf(text);
  } catch (error) {
    if (error instanceof RangeError) throw new InvalidArgumentError(error.message);
    throw error;
  }
  return text;
}

function fault(text: string, before: string[]): string[] {
  try {
    parseFault(text);
  } catch (error) {
    if (error instanceof FaultSyntaxError) throw new InvalidArgumentError(error.message);
    throw error;
  }
  return [...before, text];
}

const program = new Command('coriolis-sandbox')
  .description('An embedded Coriolis and Keystone to try, demo and test against, with no cloud.')
  .version(version)
  .option('--port <number>', 'the port to listen on; 0 means any free one', wholeNumber(0, 65_535), 0)
  .option('--host <address>', 'the address to listen on', '127.0.0.1')
  .option('--json', 'print one line of JSON with everything a client needs, once ready', false)
  .option('--speed <factor>', 'how much faster than life virtual machines move', positiveNumber, 1)
  .option(
    '--seed <number>',
    'the same seed makes the same world, ids included',
    wholeNumber(0, 4_294_967_295),
    1,
  )
  .addOption(
    new Option(
      '--generation <name>',
      'how it speaks: of transfers and deployments, or of replicas and migrations',
    )
      .choices(GENERATIONS)
      .default(undefined, 'that of the release'),
  )
  .option(
    '--release <x.y.z>',
    `be as that release of Coriolis, such as 1.1.2 (default: ${RELEASES.current})`,
    release,
  )
  .option('--transfers <number>', 'how many more transfers to begin with', wholeNumber(0, MAX_TRANSFERS), 0)
  .option(
    '--no-watcher-quirks',
    'leave out what watchers trip over: paging around nulls, statuses that go back or are replaced, orphans',
  )
  .option(
    '--licensing',
    'ask the licensing server before transfers are created, executed and deployed',
    false,
  )
  .option(
    '--fault <what>',
    'what goes wrong from the start, see below; may be given several times',
    fault,
    [],
  )
  .addHelpText('after', `\n${FAULT_HELP}`)
  .addHelpText(
    'after',
    '\nMachines of the source platform whose names begin with "fail-" fail at that stage; "slow-vm" is slow and "stuck-vm" never gets on.',
  )
  .allowExcessArguments(false)
  .exitOverride((error) => {
    process.exit(error.exitCode === 0 ? 0 : 2);
  });

function environment(connection: Connection): string {
  const variables = Object.entries({ OS_IDENTITY_API_VERSION: '3', ...loginEnvironment(connection) });
  return variables.map(([name, value]) => `  export ${name}=${value}`).join('\n');
}

function announce({ connection, url }: Sandbox, options: CommandLine): void {
  if (options.json) {
    console.log(JSON.stringify(connection));
    return;
  }
  console.log(`A Coriolis sandbox is running at ${url} (${options.speed}× life). Nothing in it is real; Ctrl+C ends it.

To use it, paste this into a shell:

${environment(connection)}

Also there: ${connection.other.username} (project ${connection.other.project}, password ${connection.other.password}) sees other data,
${connection.reader.username} (password ${connection.reader.password}) may only read, ${connection.admin.username} (password ${connection.admin.password}) may read logs as well.`);
}

async function main(): Promise<void> {
  const options = program.parse().opts<CommandLine>();
  const sandbox = await startSandbox({ ...options, faults: options.fault });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void sandbox.stop().then(() => process.exit(0));
    });
  }
  announce(sandbox, options);
}

main().catch((error: unknown) => {
  const reason = error instanceof Error ? error.message : String(error);
  console.error(`coriolis-sandbox: cannot start: ${reason}`);
  process.exit(1);
});
