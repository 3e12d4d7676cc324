import { join } from 'node:path';
import type { INodeType } from 'n8n-workflow';
import { n8nCredentialOf, readDemoLogin } from '../../demo/demo-login';
import { loginVariablesOf } from '../../sandbox/login-variables';
import type { SandboxConnection } from '../../sandbox/sandbox';
import { createEngine, type Engine, type StoredCredential } from '../support/engine';

/** The n8n engine with the built package and a credential for a sandbox. */
export async function engineFor(
  connection: SandboxConnection,
  nodeTypes: ReadonlyMap<string, INodeType> = new Map(),
): Promise<{ readonly engine: Engine; readonly credential: StoredCredential }> {
  const engine = await createEngine({ packageDir: join(__dirname, '..', '..'), nodeTypes });
  const login = await readDemoLogin(loginVariablesOf(connection));
  return {
    engine,
    credential: engine.credentials.add('coriolisKeystoneApi', n8nCredentialOf(login.connection)),
  };
}
