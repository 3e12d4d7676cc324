import { CoriolisClient, type GenerationCache, type RetryPolicy } from '../../src/api/coriolis-client';
import type { Generation } from '../../src/api/api-request';
import { contextForCaller, type Coriolis } from '../../src/api/operation-context';
import { nodeRuntime } from '../node-runtime';
import { credentialTypeName, NodeTransport, type N8nNodeContext } from './node-transport';

/**
 * Generation of the server (current or legacy), by credential id. It is kept because every execution of a workflow
 * makes a new client, and to detect a legacy server again would cost up to three requests: one that the server refuses,
 * and two probes.
 */
const generations = new Map<string, Generation>();

function generationCacheOf(context: N8nNodeContext): GenerationCache | undefined {
  const id = context.getNode().credentials?.[credentialTypeName]?.id ?? undefined;
  if (id === undefined) return undefined;
  return {
    get: () => generations.get(id),
    set: (generation) => void generations.set(id, generation),
  };
}

/** Cache keys by credential id: caches that outlive one client are kept for this object. */
const logins = new Map<string, object>();

function loginOf(context: N8nNodeContext): object | undefined {
  const id = context.getNode().credentials?.[credentialTypeName]?.id ?? undefined;
  if (id === undefined) return undefined;
  const login = logins.get(id) ?? {};
  logins.set(id, login);
  return login;
}

/** Timeout and retries of each request. */
interface RequestLimits {
  /** Maximum number of milliseconds for one request. */
  readonly timeoutMs?: number | undefined;
  readonly retry?: Partial<RetryPolicy> | undefined;
}

/** Makes the context of operations (client, runtime, signal) for a node that n8n executes. */
export function createOperationContext(
  context: N8nNodeContext,
  { timeoutMs, retry }: RequestLimits = {},
  { signal, reportProgress }: Pick<Coriolis, 'reportProgress' | 'signal'> = {},
): Coriolis {
  const client = new CoriolisClient({
    transport: new NodeTransport(context, timeoutMs),
    runtime: nodeRuntime,
    memory: generationCacheOf(context),
    retry,
  });
  return contextForCaller({ ...nodeRuntime, client, loginKey: loginOf(context) }, { signal, reportProgress });
}
