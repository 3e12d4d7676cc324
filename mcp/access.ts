import { CoriolisClient } from '../src/api/client';
import { keystoneSession } from '../src/api/session';
import type { Coriolis } from '../src/coriolis';
import { axiosTransport } from './axiosTransport';
import type { Files } from './clouds';
import { loadConnection } from './connection';
import { runtime } from './runtime';
import type { Environment } from './settings';

/**
 * A client with a login of its own. Everything that only a call needs hangs on this module, so that `session.ts` reads
 * it with the first one.
 *
 * @throws {InvalidInputError} the login is not set up
 */
export async function openCoriolis(
  environment: Environment,
  cloud: string | undefined,
  files: Files,
): Promise<Coriolis> {
  const { identity, selection, tls } = await loadConnection(environment, cloud, files);
  const transport = keystoneSession({ transport: axiosTransport(tls), identity, selection, runtime });
  return { client: new CoriolisClient({ transport, runtime }), ...runtime };
}
