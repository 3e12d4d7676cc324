import type { Coriolis } from '../src/coriolis';
import type { Files } from './clouds';
import { lazily } from './lazily';
import type { Environment } from '../src/api/settings';
import type { Telemetry } from './telemetry';

/** Access to Coriolis, opened when the first call needs it. */
export interface Session {
  /**
   * @throws {InvalidInputError} the login is not set up
   */
  open(): Promise<Coriolis>;
}

/**
 * One client and one login for the whole process. Nothing is read or sent before the first call, so that a server
 * without settings still starts and its first error can say what is missing.
 */
export const createSession = (
  environment: Environment,
  cloud: string | undefined,
  files: Files,
  telemetry: Telemetry,
): Session => ({
  open: lazily(async () => {
    const { openCoriolis } = await import('./access');
    return await openCoriolis(environment, cloud, files, telemetry);
  }),
});
