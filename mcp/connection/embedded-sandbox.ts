import { loginVariablesOf } from '../../sandbox/login-variables';
import { startSandbox } from '../../sandbox/sandbox';
import type { EnvironmentVariables } from '../../src/api/login-settings';

/** Factor by which the sandbox's clock is fast: copies take seconds, slow enough for people to watch them. */
const SPEED = 60;
/** Number of transfers besides the usual ones of a sandbox: enough for several pages and for every kind of failure. */
const TRANSFERS = 40;

/**
 * Starts a sandbox in this process on a free local port, and returns the login to it. The sandbox ends with the
 * process. Only this module imports the sandbox, and it is loaded only with `--sandbox`.
 */
export async function startEmbeddedSandbox(): Promise<EnvironmentVariables> {
  const { connection } = await startSandbox({ speed: SPEED, transfers: TRANSFERS, background: true });
  return loginVariablesOf(connection);
}
