import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { LOCAL } from './caller';
import { createLog } from './log';
import { help } from './help';
import { readCommand } from './options';
import type { Command, Options } from './options';
import { version } from './package.json';
import { serverFactory } from './server';
import { createService } from './service';

/** What a shell expects of a command that was called wrongly. */
const MISUSE = 2;

function serve(options: Options): void {
  const log = createLog(options.logLevel, options.logFormat);
  const service = createService(options, log);
  const caller = { subject: LOCAL, permissions: options.permissions };
  const factory = serverFactory(service);
  const connection = serveStdio(() => factory(caller), {
    onerror: (error) => log.warn('protocol error', { error: error.message }),
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void connection.close().finally(() => process.exit(0)));
  }
  log.info('serving', { version, toolsets: options.toolsets.join(','), ...options.permissions });
}

function readArguments(): Command | undefined {
  try {
    return readCommand(process.argv.slice(2), process.env);
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
