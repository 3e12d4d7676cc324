import { readFile } from 'node:fs/promises';
import { readConfirmationKey } from './confirmation/confirmation-key';
import type { AccessConfiguration } from './connection/coriolis-access';
import type { FileAccess } from './connection/clouds-yaml';
import { makeLazy } from './make-lazy';
import type { Log } from './observability/log';
import type { McpOptions } from './configuration/mcp-options';
import { version } from './package.json';
import type { SharedDependencies } from './mcp-server-factory';
import { createCoriolisSession } from './connection/coriolis-session';
import type { Telemetry } from './observability/telemetry';

/** File access on this machine. */
export const localFileAccess: FileAccess = { read: (path) => readFile(path, 'utf8').catch(() => undefined) };

/** Login settings of this process. With `--sandbox`, starts an embedded sandbox and returns the login to it. */
export async function prepareLogin(options: McpOptions): Promise<AccessConfiguration> {
  const { usesSandbox: sandbox, cloudName: cloud, passwordCommand } = options;
  if (!sandbox) return { environment: process.env, cloudName: cloud, passwordCommand, allowLists: options };
  const { startEmbeddedSandbox } = await import('./connection/embedded-sandbox');
  const environment = await startEmbeddedSandbox();
  return { environment, cloudName: undefined, passwordCommand: undefined, allowLists: options };
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
  const files = localFileAccess;
  const seals = makeLazy(async () => {
    const { createSealMaker } = await import('./first-call-modules');
    return createSealMaker(await readConfirmationKey(options.confirmKeyFile, process.env, files));
  });
  return {
    options,
    version,
    log,
    telemetry,
    shutdownController: new AbortController(),
    session: createCoriolisSession(async () => {
      const { openCoriolisAccess } = await import('./first-call-modules');
      return await openCoriolisAccess(await prepareLogin(options), files, telemetry);
    }),
    getConfirmationTokens: makeLazy(async () => {
      const { ConfirmationTokens } = await import('./first-call-modules');
      return new ConfirmationTokens(Date.now, (await seals())('confirmation'));
    }),
    getTaskSeal: async () => (await seals())('task'),
    getAuditLog: makeLazy(async () => {
      const { AuditLog, makeFileAppender } = await import('./first-call-modules');
      const append = options.auditFile === undefined ? undefined : makeFileAppender(options.auditFile);
      return new AuditLog(append, log, Date.now);
    }),
  };
}
