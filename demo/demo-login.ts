import { readFile } from 'node:fs/promises';
import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { makeAxiosTransport } from '../mcp/connection/axios-transport';
import { readConnectionSettings, type ConnectionSettings } from '../mcp/connection/connection-settings';
import { processRuntime } from '../mcp/connection/process-runtime';
import { CoriolisClient } from '../src/api/coriolis-client';
import type { ApplianceCredentials, DomainReference, KeystoneCredentials } from '../src/api/keystone';
import { makeKeystoneSession, type KeystoneSession } from '../src/api/keystone-session';
import type { Coriolis } from '../src/api/operation-context';
import { UsageError } from '../command-line/flags';

/** A login, in each form that a part of the demo needs. */
export interface DemoLogin {
  /** `OS_*` variables, for the MCP server. */
  readonly environment: Readonly<Record<string, string>>;
  readonly connection: ConnectionSettings;
  readonly session: KeystoneSession;
  /** A client for reading from Coriolis and following progress, without n8n or MCP. */
  createOperationContext(signal: AbortSignal): Coriolis;
}

/**
 * Reads the login from `OS_*` variables or a cloud of `clouds.yaml`.
 * @throws {InvalidInputError} naming what is missing
 */
export async function readDemoLogin(environment: NodeJS.ProcessEnv): Promise<DemoLogin> {
  const files = { read: (path: string) => readFile(path, 'utf8').catch(() => undefined) };
  const connection = await readConnectionSettings(environment, undefined, files);
  const session = makeKeystoneSession({
    transport: makeAxiosTransport(connection.tls),
    identity: connection.identity,
    selection: connection.selection,
    runtime: processRuntime,
  });
  return {
    environment: Object.fromEntries(
      Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    ),
    connection,
    session,
    createOperationContext: (signal) => ({
      ...processRuntime,
      client: new CoriolisClient({ transport: session, runtime: processRuntime }),
      signal,
    }),
  };
}

/**
 * Converts a login to the fields of the n8n credential "Coriolis Keystone API".
 * @throws {UsageError} the credential has no fields for this kind of login
 */
export function n8nCredentialOf({
  identity,
  selection,
  tls,
}: ConnectionSettings): ICredentialDataDecryptedObject {
  return {
    ...loginFields(identity),
    region: selection.region ?? '',
    interface: selection.interface ?? 'public',
    serviceType: selection.serviceType ?? 'migration',
    endpointOverride: selection.override ?? '',
    caPem: tls.ca ?? '',
    ignoreSslIssues: tls.insecure,
  };
}

function loginFields(identity: KeystoneCredentials | ApplianceCredentials): ICredentialDataDecryptedObject {
  if (identity.method !== 'password') {
    throw new UsageError(
      '--write needs a user name and a password: Coriolis cannot start work with a token or an application credential',
    );
  }
  const { user, password, project } = identity;
  const domains = [user, project].flatMap((one) => ('domain' in one ? [one.domain] : []));
  const byId = domains.some(isId);
  if (byId && !domains.every(isId)) {
    throw new UsageError(
      'Give the domains of user and project both by name or both by id (OS_USER_DOMAIN_NAME and OS_PROJECT_DOMAIN_NAME, or …_ID)',
    );
  }
  return {
    ...('authUrl' in identity
      ? { keystoneBy: 'authUrl', authUrl: identity.authUrl }
      : { keystoneBy: 'appliance', appliance: identity.appliance }),
    method: 'password',
    password,
    domainsBy: byId ? 'id' : 'name',
    ...('id' in user
      ? { userBy: 'id', userId: user.id }
      : { userBy: 'name', userName: user.name, userDomain: wordOf(user.domain) }),
    ...('id' in project
      ? { projectBy: 'id', projectId: project.id }
      : { projectBy: 'name', projectName: project.name, projectDomain: wordOf(project.domain) }),
  };
}

const isId = (domain: DomainReference): domain is { readonly id: string } => 'id' in domain;
const wordOf = (domain: DomainReference): string => (isId(domain) ? domain.id : domain.name);
