import { CoriolisClient } from '../src/api/client';
import { keystoneSession } from '../src/api/session';
import type { Coriolis } from '../src/coriolis';
import { loadConnection } from './connection';
import type { Files } from './clouds';
import { runtime } from './runtime';
import type { Environment } from './settings';

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
export function createSession(environment: Environment, cloud: string | undefined, files: Files): Session {
  let opening: Promise<Coriolis> | undefined;
  const connect = async (): Promise<Coriolis> => {
    const { identity, selection, tls } = await loadConnection(environment, cloud, files);
    const { axiosTransport } = await import('./axiosTransport');
    const transport = keystoneSession({ transport: axiosTransport(tls), identity, selection, runtime });
    return { client: new CoriolisClient({ transport, runtime }), ...runtime };
  };
  return {
    open() {
      opening ??= connect().catch((error: unknown) => {
        opening = undefined;
        throw error;
      });
      return opening;
    },
  };
}
