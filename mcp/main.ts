import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { LOCAL_CALLER_SUBJECT } from './caller/caller';
import { createLog } from './observability/log';
import type { Log } from './observability/log';
import { helpText } from './configuration/help-text';
import { readCommand } from './configuration/mcp-options';
import type { Command, McpOptions } from './configuration/mcp-options';
import { version } from './package.json';
import { makeServerFactory } from './mcp-server-factory';
import { createSharedDependencies } from './shared-dependencies';
import { combineTelemetry, areTracesEnabled } from './observability/telemetry';
import type { Tracing } from './observability/tracing';
import { StdioTransport } from './wire/stdio-transport';

/** Exit code when the command line is wrong. */
const USAGE_ERROR_EXIT_CODE = 2;
/**
 * Milliseconds that running requests have to finish after SIGTERM: less than hosts wait before they kill the process.
 */
const LAST_ANSWERS_MS = 1500;

async function serve(options: McpOptions): Promise<void> {
  const log = createLog(options.logLevel, options.logFormat);
  const facts = { version, toolsets: options.toolsets.join(','), ...options.permissions };
  const tracing = areTracesEnabled(process.env) ? await startTracing(log) : undefined;
  const telemetry = tracing === undefined ? [] : [tracing];
  const endAfter = (served: { close(): Promise<void> }): void =>
    closeOnSignal(async () => {
      await served.close();
      await tracing?.close();
    });
  if (options.http !== undefined) {
    const { serveOverHttp } = await import('./http/serve-over-http');
    const server = await serveOverHttp(options, options.http, log, telemetry);
    endAfter(server);
    process.stderr.write(`coriolis-mcp: serving MCP at ${server.url}\n`);
    log.info('serving', { ...facts, url: server.url });
    return;
  }
  const service = createSharedDependencies(options, log, combineTelemetry(telemetry));
  const factory = makeServerFactory(service);
  const caller = { subject: LOCAL_CALLER_SUBJECT, permissions: options.permissions };
  const transport = new StdioTransport(() => service.shutdownController.abort());
  const connection = serveStdio(() => factory(caller), {
    transport,
    onerror: (error) => log.warn('protocol error', { error: error.message }),
  });
  process.once('beforeExit', () => {
    if (transport.exceededLineLimit) process.exitCode = 1;
  });
  endAfter({
    close: async () => {
      service.shutdownController.abort();
      await transport.waitUntilIdle(LAST_ANSWERS_MS);
      await connection.close();
    },
  });
  log.info('serving', facts);
}

async function startTracing(log: Log): Promise<Tracing> {
  const { createTracing } = await import('./observability/tracing');
  const tracing = createTracing(log);
  // Hosts may close standard input instead of sending a signal.
  process.once('beforeExit', () => void tracing.close());
  return tracing;
}

/** Closes what is served at SIGINT or SIGTERM and ends the process; a second signal ends it at once. */
function closeOnSignal(close: () => Promise<void>): void {
  let isClosing = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (isClosing) process.exit(1);
      isClosing = true;
      void close().finally(() => process.exit(0));
    });
  }
}

function readArguments(): Command | undefined {
  try {
    return readCommand(process.argv.slice(2), process.env);
  } catch (error) {
    const words = error instanceof Error ? error.message : 'The command line is wrong.';
    process.stderr.write(`coriolis-mcp: ${words}\nRun coriolis-mcp --help for what is accepted.\n`);
    process.exitCode = USAGE_ERROR_EXIT_CODE;
    return undefined;
  }
}

async function runCheck(options: McpOptions): Promise<void> {
  const { checkConfiguration } = await import('./check-configuration');
  const log = createLog(options.logLevel, options.logFormat);
  const { passes, lines } = await checkConfiguration(
    createSharedDependencies(options, log, combineTelemetry([])),
  );
  process.stdout.write(`${lines.join('\n')}\n`);
  process.exit(passes ? 0 : 1);
}

async function main(command: Command): Promise<void> {
  if (command.kind === 'serve') await serve(command.options);
  else if (command.kind === 'check') await runCheck(command.options);
  else process.stdout.write(command.kind === 'help' ? helpText : `${version}\n`);
}

const command = readArguments();
if (command !== undefined) {
  main(command).catch((error: unknown) => {
    process.stderr.write(`coriolis-mcp: ${error instanceof Error ? error.message : 'cannot start'}\n`);
    process.exit(1);
  });
}
