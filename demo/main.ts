import { version } from '../package.json';
import { isCoriolisError } from '../src/api/errors';
import type { Screen } from './screen';
import { makeLiveScreen } from './live-screen';
import { UsageError } from '../command-line/flags';
import { helpText, readDemoOptions, type DemoOptions } from './demo-options';
import type { DemoResult } from './demo-result';
import { makePlainScreen } from './plain-screen';
import { runOnRealServer } from './run-on-real-server';
import { formatDemoResult } from './format-demo-result';
import { runOnSandbox } from './run-on-sandbox';

const INTERRUPTED = 130;
/** Milliseconds after Ctrl-C until the process is ended by force. */
const GRACE_MS = 5000;

function screenFor({ json }: DemoOptions, heading: string): Screen {
  const stream = json ? process.stderr : process.stdout;
  const plain = json || !stream.isTTY || process.env['NO_COLOR'] !== undefined;
  return plain
    ? makePlainScreen((line) => stream.write(`${line}\n`), heading)
    : makeLiveScreen(stream, heading);
}

async function run(options: DemoOptions, signal: AbortSignal): Promise<DemoResult> {
  const real = [process.env['OS_AUTH_URL'], process.env['CORIOLIS_APPLIANCE'], process.env['OS_CLOUD']].some(
    (value) => value !== undefined && value !== '',
  );
  if (real) return await runOnRealServer(options, (heading) => screenFor(options, heading), signal);
  if (options.write) {
    throw new UsageError('--write is for a real Coriolis: set OS_AUTH_URL and the rest of its login first');
  }
  const screen = screenFor(
    options,
    `Moving machines with the n8n workflow “Migrate a VM”, on an embedded Coriolis at ${options.speed} times life`,
  );
  try {
    return await runOnSandbox(options.speed, screen, signal);
  } finally {
    screen.close();
  }
}

/**
 * Runs the demo of the command line.
 * @returns the exit code
 */
async function main(args: readonly string[]): Promise<number> {
  const interrupt = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      interrupt.abort();
      setTimeout(() => process.exit(INTERRUPTED), GRACE_MS).unref();
    });
  }
  try {
    const options = readDemoOptions(args);
    if (options.help) {
      process.stdout.write(helpText);
      return 0;
    }
    if (options.version) {
      process.stdout.write(`${version}\n`);
      return 0;
    }
    const outcome = await run(options, interrupt.signal);
    if (interrupt.signal.aborted) return INTERRUPTED;
    console.log(options.json ? JSON.stringify(outcome, null, 2) : `\n${formatDemoResult(outcome)}\n`);
    return outcome.ok ? 0 : 1;
  } catch (error) {
    if (interrupt.signal.aborted) return INTERRUPTED;
    console.error(errorText(error));
    return error instanceof UsageError ? 2 : 1;
  }
}

function errorText(error: unknown): string {
  if (error instanceof UsageError) return `${error.message}\n\nnpm run demo -- --help lists the options.`;
  if (isCoriolisError(error))
    return [error.message, error.advice].filter((words) => words !== undefined).join('\n');
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

void main(process.argv.slice(2)).then((code) => process.exit(code));
