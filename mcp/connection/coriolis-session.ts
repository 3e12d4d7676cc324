import type { Coriolis } from '../../src/api/operation-context';
import { makeLazy } from '../make-lazy';
import type { CoriolisAccess } from './coriolis-access';

/** Access to Coriolis, opened by the first call. */
export interface CoriolisSession {
  /**
   * Opens the access, once for all calls.
   * @throws {InvalidInputError} the login is not set up
   */
  open(): Promise<Coriolis>;
  /**
   * Id of the login's project.
   * @throws errors of the login
   */
  fetchProjectId(): Promise<string>;
}

/**
 * Makes the session of a process: one client, one login. Nothing is read or sent before the first call, so that a
 * server without settings starts all the same, and the error of the first call says which settings are missing.
 */
export function createCoriolisSession(openAccess: () => Promise<CoriolisAccess>): CoriolisSession {
  const access = makeLazy(openAccess);
  return {
    open: async () => (await access()).coriolis,
    fetchProjectId: async () => (await (await access()).keystone.fetchToken()).projectId,
  };
}
