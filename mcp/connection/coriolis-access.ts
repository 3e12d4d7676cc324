import { CoriolisClient } from '../../src/api/coriolis-client';
import { EndpointScopedClient } from '../../src/api/endpoint-scoped-client';
import { makeKeystoneSession } from '../../src/api/keystone-session';
import type { KeystoneSession } from '../../src/api/keystone-session';
import type { EnvironmentVariables } from '../../src/api/login-settings';
import type { Coriolis } from '../../src/api/operation-context';
import { makeAxiosTransport } from './axios-transport';
import { requireAllowedProject, type AllowLists } from '../configuration/allow-lists';
import type { FileAccess } from './clouds-yaml';
import { readConnectionSettings } from './connection-settings';
import type { ConnectionSettings } from './connection-settings';
import { runPasswordCommand } from './password-command';
import { processRuntime } from './process-runtime';
import type { Telemetry } from '../observability/telemetry';
import { makeIdCollectingTransport } from '../observability/request-ids';

/** Configuration of the login and the allow lists. */
export interface AccessConfiguration {
  /** Allowed projects and endpoints. */
  readonly allowLists: AllowLists;
  readonly environment: EnvironmentVariables;
  /** Name of a cloud in `clouds.yaml`, from the command line. */
  readonly cloudName: string | undefined;
  /** Shell command that prints the password. */
  readonly passwordCommand: string | undefined;
}

/** A client with its login and connection settings. */
export interface CoriolisAccess {
  readonly coriolis: Coriolis;
  readonly keystone: KeystoneSession;
  readonly connection: ConnectionSettings;
}

/**
 * Logs in to Keystone and makes a client. The password command runs once; its output is kept for later logins.
 *
 * @throws {InvalidInputError} the login is not set up, or the password command failed
 * @throws {ForbiddenError} the login is for a project that is not allowed
 */
export async function openCoriolisAccess(
  { environment, cloudName: cloud, passwordCommand, allowLists }: AccessConfiguration,
  files: FileAccess,
  telemetry: Telemetry,
): Promise<CoriolisAccess> {
  const settings =
    passwordCommand === undefined
      ? environment
      : { ...environment, OS_PASSWORD: await runPasswordCommand(passwordCommand) };
  const connection = await readConnectionSettings(settings, cloud, files);
  const { identity, selection, tls } = connection;
  const transport = makeIdCollectingTransport(telemetry.wrapTransport(makeAxiosTransport(tls)));
  const keystone = makeKeystoneSession({ transport, identity, selection, runtime: processRuntime });
  if (allowLists.projects.length > 0) {
    const { projectId: id, projectName: name } = await keystone.fetchToken();
    requireAllowedProject(allowLists, { id, name });
  }
  const whole = new CoriolisClient({ transport: keystone, runtime: processRuntime });
  const client =
    allowLists.endpoints.length === 0 ? whole : new EndpointScopedClient(whole, allowLists.endpoints);
  return { coriolis: { client, ...processRuntime }, keystone, connection };
}
