import { CoriolisClient, type GenerationCache, type RetryPolicy } from '../../src/api/client';
import type { Generation } from '../../src/api/request';
import { forCaller, type Coriolis } from '../../src/api/coriolis';
import { runtime } from './runtime';
import { credentialName, NodeTransport, type NodeContext } from './node-transport';

/**
 * Generation of the server, by credential id. It is kept because every run makes a new client, and detecting it again
 * would cost three requests.
 */
const generations = new Map<string, Generation>();

function generationCacheOf(context: NodeContext): GenerationCache | undefined {
  const id = context.getNode().credentials?.[credentialName]?.id ?? undefined;
  if (id === undefined) return undefined;
  return {
    get: () => generations.get(id),
    set: (generation) => void generations.set(id, generation),
  };
}

/** Identity of the login, by credential id: caches that outlive one client are kept by it. */
const logins = new Map<string, object>();

function loginOf(context: NodeContext): object | undefined {
  const id = context.getNode().credentials?.[credentialName]?.id ?? undefined;
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

/** Makes the context in which operations run, from the context of a node. */
export function createCoriolis(
  context: NodeContext,
  { timeoutMs, retry }: RequestLimits = {},
  { signal, report }: Pick<Coriolis, 'report' | 'signal'> = {},
): Coriolis {
  const client = new CoriolisClient({
    transport: new NodeTransport(context, timeoutMs),
    runtime,
    memory: generationCacheOf(context),
    retry,
  });
  return forCaller({ ...runtime, client, login: loginOf(context) }, { signal, report });
}
