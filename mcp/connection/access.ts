import { CoriolisClient } from '../../src/api/client';
import { ScopedClient } from '../../src/api/scoped-client';
import { keystoneSession } from '../../src/api/session';
import type { KeystoneSession } from '../../src/api/session';
import type { Environment } from '../../src/api/settings';
import type { Coriolis } from '../../src/api/coriolis';
import { axiosTransport } from './axios-transport';
import { requireProject, type Boundary } from '../configuration/boundary';
import type { Files } from './clouds';
import { loadConnection } from './connection';
import type { Connection } from './connection';
import { passwordFrom } from './password-command';
import { runtime } from './runtime';
import type { Telemetry } from '../observability/telemetry';
import { tracked } from '../observability/traffic';

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

/** A client, the login it uses, and what both were made from. */
export interface Access {
  readonly coriolis: Coriolis;
  readonly keystone: KeystoneSession;
  readonly connection: Connection;
}

/**
 * A client with a login of its own. The password command runs once: what it prints is kept for later logins.
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
