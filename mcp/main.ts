import { readFile } from 'node:fs/promises';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { createLog } from './log';
import { help, readCommand } from './options';
import type { Command, Options } from './options';
import { version } from './package.json';
import { serverFactory } from './server';
import { createSession } from './session';

/** What a shell expects of a command that was called wrongly. */
const MISUSE = 2;

function serve(options: Options): void {
  const log = createLog(options.logLevel);
  const files = { read: (path: string) => readFile(path, 'utf8').catch(() => undefined) };
  const session = createSession(process.env, options.cloud, files);
  const connection = serveStdio(serverFactory(options, version, session, log), {
    onerror: (error) => log.warn('protocol error', { error: error.message }),
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void connection.close().finally(() => process.exit(0)));
  }
  log.info('serving', { version, toolsets: options.toolsets.join(','), ...options.permissions });
}

function readArguments(): Command | undefined {
  try {
    return readCommand(process.argv.slice(2));
  } catch (error) {
    const words = error instanceof Error ? error.message : 'The command line is wrong.';
    process.stderr.write(`coriolis-mcp: ${words}\nRun coriolis-mcp --help for what is accepted.\n`);
    process.exitCode = MISUSE;
    return undefined;
  }
}

const command = readArguments();
if (command?.kind === 'serve') serve(command.options);
else if (command !== undefined) process.stdout.write(command.kind === 'help' ? help : `${version}\n`);
