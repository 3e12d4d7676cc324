import { CoriolisClient } from '../../src/api/coriolis-client';
import type { KeystoneCredentials } from '../../src/api/keystone';
import { makeKeystoneSession } from '../../src/api/keystone-session';
import type { Transport } from '../../src/api/transport';
import type { Coriolis } from '../../src/api/operation-context';
import { processRuntime } from '../../mcp/connection/process-runtime';
import type { SandboxConnection } from '../../sandbox/sandbox';

/** Logs in as the user of a sandbox. */
export const identityOf = (connection: SandboxConnection): KeystoneCredentials => ({
  authUrl: connection.auth_url,
  method: 'password',
  user: { name: connection.username, domain: { name: connection.user_domain } },
  password: connection.password,
  project: { name: connection.project, domain: { name: connection.project_domain } },
});

/** The core as the MCP server puts it together, over any transport. */
export function coriolisOver(transport: Transport, connection: SandboxConnection): Coriolis {
  const session = makeKeystoneSession({
    transport,
    identity: identityOf(connection),
    runtime: processRuntime,
  });
  return { ...processRuntime, client: new CoriolisClient({ transport: session, runtime: processRuntime }) };
}
