import { CoriolisClient } from '../src/api/client';
import { keystoneSession } from '../src/api/session';
import type { Coriolis } from '../src/coriolis';
import { axiosTransport } from './axiosTransport';
import type { Files } from './clouds';
import { loadConnection } from './connection';
import { runtime } from './runtime';
import type { Environment } from '../src/api/settings';
import type { Telemetry } from './telemetry';
import { tracked } from './traffic';

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
  telemetry: Telemetry,
): Promise<Coriolis> {
  const { identity, selection, tls } = await loadConnection(environment, cloud, files);
  const observed = tracked(telemetry.transport(axiosTransport(tls)));
  const transport = keystoneSession({ transport: observed, identity, selection, runtime });
  return { client: new CoriolisClient({ transport, runtime }), ...runtime };
}
