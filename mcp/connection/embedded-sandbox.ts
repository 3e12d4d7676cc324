import { loginEnvironment } from '../../sandbox/login';
import { startSandbox } from '../../sandbox/sandbox';
import type { EnvironmentVariables } from '../../src/api/login-settings';

/** Speed of the sandbox: copying disks takes seconds, slow enough to be watched. */
const SPEED = 60;
/** Number of extra transfers: several pages, with every kind of failure. */
const TRANSFERS = 40;

/**
 * Starts a sandbox in this process on a free local port, and returns its login. It ends with the process. The only
 * module that imports the sandbox, loaded when `--sandbox` asks for it.
 */
export async function startEmbeddedSandbox(): Promise<EnvironmentVariables> {
  const { connection } = await startSandbox({ speed: SPEED, transfers: TRANSFERS, background: true });
  return loginEnvironment(connection);
}
