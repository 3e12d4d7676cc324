import { CoriolisClient } from '../../src/api/client';
import { ScopedClient } from '../../src/api/scoped-client';
import { keystoneSession } from '../../src/api/session';
import type { KeystoneSession } from '../../src/api/session';
import type { Coriolis } from '../../src/coriolis';
import { axiosTransport } from './axiosTransport';
import { requireProject } from '../configuration/boundary';
import type { Files } from './clouds';
import { loadConnection } from './connection';
import type { Connection } from './connection';
import { passwordFrom } from './passwordCommand';
import { runtime } from './runtime';
import type { Login } from './session';
import type { Telemetry } from '../observability/telemetry';
import { tracked } from '../observability/traffic';

/** A client, the login it uses, and what both were made from. */
export interface Access {
  readonly coriolis: Coriolis;
  readonly keystone: KeystoneSession;
  readonly connection: Connection;
}

/**
 * A client with a login of its own. Everything that only a call needs hangs on this module, so that `session.ts` reads
 * it with the first one. The password command runs once: what it prints is kept for later logins.
 *
 * @throws {InvalidInputError} the login is not set up, or the password command failed
 * @throws {ForbiddenError} it is for a project that is not allowed
 */
export async function openAccess(
  { environment, cloud, passwordCommand, boundary }: Login,
  files: Files,
  telemetry: Telemetry,
): Promise<Access> {
  const settings =
    passwordCommand === undefined
      ? environment
      : { ...environment, OS_PASSWORD: await passwordFrom(passwordCommand) };
  const connection = await loadConnection(settings, cloud, files);
  const { identity, selection, tls } = connection;
  const transport = tracked(telemetry.transport(axiosTransport(tls)));
  const keystone = keystoneSession({ transport, identity, selection, runtime });
  if (boundary.projects.length > 0) {
    const { projectId: id, projectName: name } = await keystone.token();
    requireProject(boundary, { id, name });
  }
  const client =
    boundary.endpoints.length === 0
      ? new CoriolisClient({ transport: keystone, runtime })
      : new ScopedClient({ transport: keystone, runtime }, boundary.endpoints);
  return { coriolis: { client, ...runtime }, keystone, connection };
}
