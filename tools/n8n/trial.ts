// What `npm run n8n` starts: n8n, a mail server and a sandbox, with the templates set up for them.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SandboxConnection } from '../../sandbox/sandbox';
import { startSandboxProcess } from '../../test/support/sandbox-process';
import { withHeartbeat } from '../install.mjs';
import type { ReleaseName } from './install-n8n';
import { startMailCatcher, type MailCatcher } from './mail-catcher';
import { startTemporaryN8n, type N8nServer } from './n8n-server';
import { fetchTrialForms, type TrialForm } from './trial-forms';
import { setUpTrial, writeMachineTable, type TrialWorkflow } from './trial-set-up';

export interface Trial {
  readonly n8n: N8nServer;
  readonly mail: MailCatcher;
  readonly sandbox: SandboxConnection;
  readonly workflows: readonly TrialWorkflow[];
  /** Path of an Excel file with machines of the sandbox. */
  readonly table: string;
  /** Forms of the workflows that begin with one. */
  readonly forms: readonly TrialForm[];
  /** Stops everything and deletes its data. */
  stop(): Promise<void>;
}

interface TrialOptions {
  /** Folder of the unpacked package; without it the package is packed now. */
  readonly packed?: string;
  readonly release?: ReleaseName;
  /** Preferred port of the editor; any free one when left out. */
  readonly port?: number;
  /** Preferred port of the sandbox; any free one when left out. */
  readonly sandboxPort?: number;
  /** Factor by which the sandbox copies machines faster than life. */
  readonly speed: number;
}

/** Starts a trial in an n8n of its own. @throws when a part does not start; the others are stopped then */
export async function startTrial({ speed, sandboxPort = 0, ...n8nOptions }: TrialOptions): Promise<Trial> {
  const folder = mkdtempSync(join(tmpdir(), 'coriolis-trial-'));
  const started: { stop(): Promise<void> }[] = [];
  const keep = <T extends { stop(): Promise<void> }>(one: T): T => {
    started.push(one);
    return one;
  };
  const stop = async (): Promise<void> => {
    const failures: unknown[] = [];
    for (const one of started.reverse()) await one.stop().catch((error: unknown) => failures.push(error));
    rmSync(folder, { recursive: true, force: true });
    if (failures.length > 0)
      throw new AggregateError(failures, 'Not everything of the trial could be stopped');
  };
  try {
    const mail = keep(await withHeartbeat('Preparing the mail server', startMailCatcher));
    const n8n = keep(await withHeartbeat('Preparing n8n', () => startTemporaryN8n(n8nOptions)));
    const { connection } = keep(
      await withHeartbeat('Starting the sandbox', () => startSandboxProcess({ speed, port: sandboxPort })),
    );
    const workflows = await withHeartbeat('Adding credentials, workflows and replicas', () =>
      setUpTrial(n8n, connection, mail),
    );
    const table = writeMachineTable(folder, n8n.installed);
    const forms = await fetchTrialForms(n8n, n8n.url, workflows);
    return { n8n, mail, sandbox: connection, workflows, table, forms, stop };
  } catch (error) {
    // The error of the start says what went wrong; one of a stop would hide it.
    await stop().catch(() => undefined);
    throw error;
  }
}
