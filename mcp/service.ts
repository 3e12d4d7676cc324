import { readFile } from 'node:fs/promises';
import { readKey } from './confirmation/key';
import type { Login } from './connection/access';
import type { Files } from './connection/clouds';
import { lazy } from './lazy';
import type { Log } from './observability/log';
import type { Options } from './configuration/options';
import { version } from './package.json';
import type { Service } from './server';
import { createSession } from './connection/session';
import type { Telemetry } from './observability/telemetry';

/** The file system of this machine. */
export const filesOfMachine: Files = { read: (path) => readFile(path, 'utf8').catch(() => undefined) };

/** Where the login stands: in the settings of this process, or in a sandbox that is started for it. */
export async function loginOf(options: Options): Promise<Login> {
  const { sandbox, cloud, passwordCommand } = options;
  if (!sandbox) return { environment: process.env, cloud, passwordCommand, boundary: options };
  const { startEmbeddedSandbox } = await import('./connection/sandbox');
  const environment = await startEmbeddedSandbox();
  return { environment, cloud: undefined, passwordCommand: undefined, boundary: options };
}

/** What all servers of this process share. Nothing is read, written or sent before the first call needs it. */
export function createService(options: Options, log: Log, telemetry: Telemetry): Service {
  const files = filesOfMachine;
  const seals = lazy(async () => {
    const { createSeals } = await import('./call-chunk');
    return createSeals(await readKey(options.confirmKeyFile, process.env, files));
  });
  return {
    options,
    version,
    log,
    telemetry,
    session: createSession(async () => {
      const { openAccess } = await import('./call-chunk');
      return await openAccess(await loginOf(options), files, telemetry);
    }),
    confirmations: lazy(async () => {
      const { Confirmations } = await import('./call-chunk');
      return new Confirmations(Date.now, (await seals())('confirmation'));
    }),
    taskSeal: async () => (await seals())('task'),
    audit: lazy(async () => {
      const { Audit, toFile } = await import('./call-chunk');
      const append = options.auditFile === undefined ? undefined : toFile(options.auditFile);
      return new Audit(append, log, Date.now);
    }),
  };
}
