import { environmentOf } from '../../sandbox/login';
import { startSandbox } from '../../sandbox/sandbox';
import type { Environment } from '../../src/api/settings';

/** A copy of disks takes seconds; watching one is still possible. */
const SPEED = 60;
/** Enough for pages, and for some that failed in every way. */
const TRANSFERS = 40;

/**
 * Starts a sandbox in this process, on a free port of this machine, and tells how to log in. It ends with the process.
 * The only module that knows the sandbox: it is read when `--sandbox` asks for it.
 */
export async function startEmbeddedSandbox(): Promise<Environment> {
  const { connection } = await startSandbox({ speed: SPEED, transfers: TRANSFERS, background: true });
  return environmentOf(connection);
}
