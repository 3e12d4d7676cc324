import { join } from 'node:path';
import { connect, type CoriolisApi } from '../../library';
import type { SandboxConnection } from '../../sandbox/sandbox';
import { loginVariablesOf } from '../../sandbox/login-variables';
import { isObject, type JsonObject } from '../../src/model/json';
import { formPlaceOf } from '../../nodes/render/form-layout';
import { toSnakeCase, toSnakeCaseKeys } from '../../mcp/snake-case';
import { operationOf } from '../support/coriolis';
import { scaledEnvironment } from './scaled-time-environment';
import type { Engine, StoredCredential } from '../support/engine';
import type { McpUser } from '../mcp/support/client';

/**
 * A process that calls Coriolis through one of the faces, for a parent that sends it calls over IPC. Runs in scaled time.
 */

export type Face = 'library' | 'mcp' | 'n8n' | 'n8n with Return Existing';

export interface Call {
  readonly id: number;
  readonly face: Face;
  readonly connection: SandboxConnection;
  readonly operation: string;
  readonly input: JsonObject;
}

/** What a caller is told. */
export interface Told {
  readonly id: number;
  /** Id of the object; undefined after an error. */
  readonly made?: string | undefined;
  readonly error?: string | undefined;
  readonly isUncertain?: boolean | undefined;
}

type Outcome = Omit<Told, 'id'>;

const UNCERTAIN = /The answer to \S+ \S+ was lost|The answer to the creation of/u;

const failed = (error: string): Outcome => ({ error, isUncertain: UNCERTAIN.test(error) });

/** One value for each server; the last ones are closed when there are many. */
class Kept<Value> {
  private readonly values = new Map<string, Promise<Value>>();

  constructor(private readonly make: (connection: SandboxConnection) => Promise<Value>) {}

  of(connection: SandboxConnection): Promise<Value> {
    const known = this.values.get(connection.auth_url) ?? this.make(connection);
    this.values.set(connection.auth_url, known);
    return known;
  }

  take(url: string): Promise<Value> | undefined {
    const value = this.values.get(url);
    this.values.delete(url);
    return value;
  }
}

const libraries = new Kept<CoriolisApi>((connection) =>
  Promise.resolve(connect({ environment: loginVariablesOf(connection) })),
);

async function callLibrary({ connection, operation, input }: Call): Promise<Outcome> {
  const [resource = '', name = ''] = operation.split('.');
  const coriolis = (await libraries.of(connection)) as unknown as Readonly<
    Record<string, Readonly<Record<string, (given: JsonObject) => Promise<JsonObject>>>>
  >;
  const method = coriolis[`${resource}s`]?.[name];
  if (method === undefined) throw new Error(`the library has no ${operation}`);
  return { made: String((await method(input))['id']) };
}

const users = new Kept<McpUser>(async (connection) => {
  const { startUser } = await import('../mcp/support/client');
  const { bare } = await import('../mcp/support/server');
  return await startUser({
    env: { ...bare, ...scaledEnvironment(), ...loginVariablesOf(connection) },
    args: ['--allow-destroy', '--toolsets', 'all', '--confirm', 'token'],
  });
});

async function callServer({ connection, operation, input }: Call): Promise<Outcome> {
  const user = await users.of(connection);
  const { tool } = operationOf(operation);
  const args = toSnakeCaseKeys(input);
  const first = await user.call(tool, args);
  const token = first.structured.confirmation_token as string | undefined;
  const { isError, text, structured } =
    token === undefined
      ? first
      : await user.call(tool, { ...args, [toSnakeCase('confirmationToken')]: token });
  return isError ? failed(text) : { made: String(structured.result['id']) };
}

let engine: Promise<Engine> | undefined;
const credentials = new Map<string, StoredCredential>();

/** Values of an input as the editor stores them. */
function parametersOf(operation: string, input: JsonObject): JsonObject {
  const declared = operationOf(operation);
  const form: Record<string, unknown> = {};
  const options: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(input)) {
    const field = declared.input[name];
    if (field === undefined) throw new Error(`${operation} has no input ${name}`);
    const stored =
      field.kind === 'reference'
        ? { __rl: true, mode: 'id', value }
        : field.kind === 'form' && isObject(value)
          ? JSON.stringify(value)
          : value;
    (formPlaceOf(field, declared) === 'form' ? form : options)[name] = stored;
  }
  return { ...form, options };
}

async function callNode({ connection, operation, input, face }: Call): Promise<Outcome> {
  const { chain, createEngine, items, node } = await import('../support/engine');
  engine ??= createEngine({ packageDir: join(__dirname, '..', '..') });
  const running = await engine;
  const credential =
    credentials.get(connection.auth_url) ??
    running.credentials.add('coriolisKeystoneApi', {
      authUrl: connection.auth_url,
      userName: connection.username,
      userDomain: connection.user_domain,
      password: connection.password,
      projectName: connection.project,
      projectDomain: connection.project_domain,
    });
  credentials.set(connection.auth_url, credential);
  const [resource = '', name = ''] = operation.split('.');
  const { options, ...form } = parametersOf(operation, input) as { options: JsonObject };
  const reuse = face === 'n8n with Return Existing' ? { returnExisting: true } : {};
  const parameters = { resource, operation: name, ...form, options: { ...options, ...reuse } };
  const result = await running.runWorkflow(
    chain(items({}), node('Coriolis', 'n8n-nodes-coriolis.coriolis', parameters, credential)),
  );
  if (result.error !== undefined) return failed(`${result.error.message} ${result.error.description ?? ''}`);
  return { made: String(result.rows('Coriolis')[0]?.['id']) };
}

async function answer(call: Call): Promise<Told> {
  const face = { library: callLibrary, mcp: callServer }[call.face as string] ?? callNode;
  try {
    return { id: call.id, ...(await face(call)) };
  } catch (error) {
    const { message, kind, advice } = error as Error & { kind?: string; advice?: string };
    const isUncertain = kind === 'uncertain' || UNCERTAIN.test(message);
    return { id: call.id, error: `${kind ?? 'unknown'}: ${message} ${advice ?? ''}`, isUncertain };
  }
}

async function closed(url: string): Promise<void> {
  const user = await users.take(url);
  await user?.close();
}

async function tell(call: Call): Promise<void> {
  process.send?.(await answer(call));
}

process.on('message', (message: Call | { readonly forget: string }) => {
  if ('forget' in message) {
    void libraries.take(message.forget);
    closed(message.forget).catch(() => undefined);
    return;
  }
  tell(message).catch(() => process.exit(1));
});
process.on('disconnect', () => process.exit(0));
process.send?.({ ready: true });
