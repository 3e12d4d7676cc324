import { readFile } from 'node:fs/promises';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { createLog } from './log';
import { readOptions } from './options';
import { version } from './package.json';
import { serverFactory } from './server';
import { createSession } from './session';

const options = readOptions(process.argv.slice(2), version);
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
