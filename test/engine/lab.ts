import { withoutUndefined } from '../../src/model/json';
import { resolve } from 'node:path';
import type { ICredentialDataDecryptedObject, IDataObject, INode, INodeParameters } from 'n8n-workflow';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../sandbox/sandbox';
import {
  chain,
  createEngine,
  items,
  node,
  type Engine,
  type RunOptions,
  type RunResult,
  type EngineOptions,
  type Poller,
  type StoredCredential,
} from '../support/engine';
import { until } from '../support/until';

export const coriolisType = 'n8n-nodes-coriolis.coriolis';
export const triggerType = 'n8n-nodes-coriolis.coriolisTrigger';
export const credentialType = 'coriolisKeystoneApi';

/** The real engine with the built nodes, and a Coriolis to talk to. */
export interface Lab {
  readonly engine: Engine;
  readonly sandbox: Sandbox;
  readonly credential: StoredCredential;
  /** A Coriolis node; `operation` is "transfer.get". */
  coriolis(operation: string, parameters?: INodeParameters, more?: Partial<INode>): INode;
  /** Runs one Coriolis node on these items (one empty item when none are given). */
  run(
    operation: string,
    parameters?: INodeParameters,
    options?: RunOptions & { readonly items?: readonly object[]; readonly node?: Partial<INode> },
  ): Promise<RunResult>;
  /** As `run`, and the rows it gave; throws when the execution failed. */
  rows(operation: string, parameters?: INodeParameters): Promise<readonly IDataObject[]>;
  stop(): Promise<void>;
}

/** The package under test: what the build left in this repository, or another one, such as an unpacked `npm pack`. */
const packageDir = process.env['ENGINE_PACKAGE_DIR'] ?? resolve(__dirname, '../..');

/** What a person fills in to log in to the sandbox. */
export function loginOf({ connection }: Pick<Sandbox, 'connection'>): ICredentialDataDecryptedObject {
  return {
    authUrl: connection.auth_url,
    userName: connection.username,
    userDomain: connection.user_domain,
    password: connection.password,
    projectName: connection.project,
    projectDomain: connection.project_domain,
  };
}

export async function startLab(
  options: SandboxOptions = {},
  findNodeType?: EngineOptions['findNodeType'],
): Promise<Lab> {
  const engine = await createEngine({ packageDir, ...withoutUndefined({ findNodeType }) });
  const sandbox = await startSandbox({ speed: 2000, ...options });
  const credential = engine.credentials.add(credentialType, loginOf(sandbox));
  const coriolis: Lab['coriolis'] = (operation, parameters = {}, more = {}) => {
    const [resource = '', name = ''] = operation.split('.');
    return node('Coriolis', coriolisType, { resource, operation: name, ...parameters }, credential, more);
  };
  const run: Lab['run'] = async (operation, parameters, { items: given = [{}], node: more, ...rest } = {}) =>
    await engine.runWorkflow(chain(items(...given), coriolis(operation, parameters, more)), rest);
  return {
    engine,
    sandbox,
    credential,
    coriolis,
    run,
    async rows(operation, parameters) {
      const result = await run(operation, parameters);
      if (result.error !== undefined) {
        throw new Error(`${result.error.message} ${result.error.description ?? ''}`);
      }
      return result.rows('Coriolis');
    },
    stop: () => sandbox.stop(),
  };
}

/** A resource locator as the editor stores it. */
export const locator = (value: string, mode: 'id' | 'list' = 'id') => ({ __rl: true, mode, value });

/** Polls until something is emitted. A fresh end is believed only after two seconds (docs/reference/watching.md §1). */
export async function nextEvents(trigger: Poller): Promise<IDataObject[]> {
  const events = await until(
    'an event',
    () => trigger.poll(),
    (emitted) => emitted !== null,
    { pauseMs: 300 },
  );
  return events ?? [];
}
