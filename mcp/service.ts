import { readFile } from 'node:fs/promises';
import { readConfirmKey } from './confirmation/confirm-key';
import type { AccessConfiguration } from './connection/open-access';
import type { FileAccess } from './connection/clouds';
import { lazy } from './lazy';
import type { Log } from './observability/log';
import type { McpOptions } from './configuration/options';
import { version } from './package.json';
import type { SharedDependencies } from './server';
import { createCoriolisSession } from './connection/session';
import type { Telemetry } from './observability/telemetry';

/** File access on this machine. */
export const localFiles: FileAccess = { read: (path) => readFile(path, 'utf8').catch(() => undefined) };

/** Login settings of this process. With `--sandbox`, starts an embedded sandbox and returns the login to it. */
export async function prepareLogin(options: McpOptions): Promise<AccessConfiguration> {
  const { sandbox, cloud, passwordCommand } = options;
  if (!sandbox) return { environment: process.env, cloud, passwordCommand, allowLists: options };
  const { startEmbeddedSandbox } = await import('./connection/embedded-sandbox');
  const environment = await startEmbeddedSandbox();
  return { environment, cloud: undefined, passwordCommand: undefined, allowLists: options };
}

/**
 * Creates the objects that all MCP servers of this process share. Nothing is read, written or sent before the first
 * call.
 */
export function createSharedDependencies(
  options: McpOptions,
  log: Log,
  telemetry: Telemetry,
): SharedDependencies {
  const files = localFiles;
  const seals = lazy(async () => {
    const { createSealMaker } = await import('./call-chunk');
    return createSealMaker(await readConfirmKey(options.confirmKeyFile, process.env, files));
  });
  return {
    options,
    version,
    log,
    telemetry,
    shutdown: new AbortController(),
    session: createCoriolisSession(async () => {
      const { openCoriolisAccess } = await import('./call-chunk');
      return await openCoriolisAccess(await prepareLogin(options), files, telemetry);
    }),
    confirmations: lazy(async () => {
      const { ConfirmationTokens } = await import('./call-chunk');
      return new ConfirmationTokens(Date.now, (await seals())('confirmation'));
    }),
    taskSeal: async () => (await seals())('task'),
    audit: lazy(async () => {
      const { AuditLog, makeFileAppender } = await import('./call-chunk');
      const append = options.auditFile === undefined ? undefined : makeFileAppender(options.auditFile);
      return new AuditLog(append, log, Date.now);
    }),
  };
}
