import type { Coriolis } from '../../src/coriolis';
import type { Boundary } from '../configuration/boundary';
import { lazily } from '../lazily';
import type { Files } from './clouds';
import type { Environment } from '../../src/api/settings';
import type { Telemetry } from '../observability/telemetry';

/** Access to Coriolis, opened when the first call needs it. */
export interface Session {
  /**
   * @throws {InvalidInputError} the login is not set up
   */
  open(): Promise<Coriolis>;
  /**
   * The id of the project that the login is for.
   * @throws errors of the login
   */
  project(): Promise<string>;
}

/** Where the login stands. */
export interface Login {
  /** What it may be for, and touch. */
  readonly boundary: Boundary;
  readonly environment: Environment;
  /** The cloud of `clouds.yaml` that the command line names. */
  readonly cloud: string | undefined;
  /** A command that prints the password. */
  readonly passwordCommand: string | undefined;
}

/**
 * One client and one login for the whole process. Nothing is read or sent before the first call, so that a server
 * without settings still starts and its first error can say what is missing.
 */
export function createSession(login: () => Promise<Login>, files: Files, telemetry: Telemetry): Session {
  const access = lazily(async () => {
    const { openAccess } = await import('../work');
    return await openAccess(await login(), files, telemetry);
  });
  return {
    open: async () => (await access()).coriolis,
    project: async () => (await (await access()).keystone.token()).projectId,
  };
}
