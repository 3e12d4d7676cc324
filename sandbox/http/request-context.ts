import type { HttpBindings } from '@hono/node-server';
import type { Context, Hono } from 'hono';
import type { Caller } from '../keystone';
import type { ReleaseFeatures } from '../world/releases';
import type { Requester } from '../world/model';
import type { Dialect } from '../dialects/dialect';

/** Variables of Coriolis routes: an authenticated caller whose project is that of the URL. */
export interface CoriolisHonoEnv {
  Bindings: HttpBindings;
  Variables: {
    caller: Caller;
    projectId: string;
    requestId: string;
    dialect: Dialect;
    features: ReleaseFeatures;
    /** Whether no route matched. */
    unrouted: boolean;
  };
}

export type CoriolisContext = Context<CoriolisHonoEnv>;
export type CoriolisRoutes = Hono<CoriolisHonoEnv>;

/**
 * The caller as a requester of work. A delegated or revoked token cannot make a Keystone trust
 * (docs/reference/coriolis-api.md §3.1).
 */
export function requesterOf(context: CoriolisContext): Requester {
  const caller = context.get('caller');
  return {
    projectId: context.get('projectId'),
    userId: caller.userId,
    trusted: !caller.delegated && !caller.revoked,
  };
}
