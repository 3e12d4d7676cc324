import type { Coriolis } from '../../src/api/coriolis';
import { lazy } from '../lazy';
import type { Access } from './access';

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

/**
 * One client and one login for the whole process. Nothing is read or sent before the first call, so that a server
 * without settings still starts and its first error can say what is missing.
 */
export function createSession(openAccess: () => Promise<Access>): Session {
  const access = lazy(openAccess);
  return {
    open: async () => (await access()).coriolis,
    project: async () => (await (await access()).keystone.token()).projectId,
  };
}
