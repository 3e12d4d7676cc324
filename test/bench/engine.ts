import { join } from 'node:path';
import type { INodeType } from 'n8n-workflow';
import { credentialOf, readLogin } from '../../demo/login';
import { loginEnvironment } from '../../sandbox/login';
import type { Connection } from '../../sandbox/sandbox';
import { createEngine, type Engine, type StoredCredential } from '../support/engine';

/** The n8n engine with the built package and a credential for a sandbox. */
export async function engineFor(
  connection: Connection,
  nodeTypes: ReadonlyMap<string, INodeType> = new Map(),
): Promise<{ readonly engine: Engine; readonly credential: StoredCredential }> {
  const engine = await createEngine({ packageDir: join(__dirname, '..', '..'), nodeTypes });
  const login = await readLogin(loginEnvironment(connection));
  return {
    engine,
    credential: engine.credentials.add('coriolisKeystoneApi', credentialOf(login.connection)),
  };
}
