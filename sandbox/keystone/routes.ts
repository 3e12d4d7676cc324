import { randomUUID } from 'node:crypto';
import { Hono } from 'hono';
import type { Context } from 'hono';
import { authenticate } from './authentication';
import { KeystoneError, missingAttributeError, forbiddenError, unauthorizedError } from './errors';
import type { IdentityService, Token } from './identity-service';
import {
  DEFAULT_CATALOGUE_SERVICES,
  serviceCatalogueOf,
  projectDocumentOf,
  tokenDocumentOf,
} from './response-bodies';
import type { CatalogueService } from './response-bodies';

export interface KeystoneRoutesOptions {
  /** The services of the catalogue; {@link DEFAULT_CATALOGUE_SERVICES} when absent. */
  readonly services?: readonly CatalogueService[];
}

/**
 * The routes of Keystone v3, to be mounted at the root of the sandbox: `/` (version discovery) and everything under
 * `/v3`. URLs in answers are built from the address that the client used. Statuses, texts and headers are those of
 * recorded traffic.
 */
export function makeKeystoneRoutes(identity: IdentityService, options: KeystoneRoutesOptions = {}): Hono {
  const services = options.services ?? DEFAULT_CATALOGUE_SERVICES;
  const routes = new Hono();

  for (const path of ['/', '/v3', '/v3/*']) {
    routes.use(path, async (context, next) => {
      await next();
      context.header('Vary', 'X-Auth-Token');
      context.header('x-openstack-request-id', `req-${randomUUID()}`);
    });
  }

  routes.get('/', (context) => {
    context.header('Location', `${origin(context)}/v3/`);
    return context.json({ versions: { values: [versionOf(context)] } }, 300);
  });
  for (const path of ['/v3', '/v3/']) {
    routes.get(path, (context) => context.json({ version: versionOf(context) }));
  }

  routes.post('/v3/auth/tokens', async (context) => {
    const token = authenticate(identity, await jsonBody(context));
    context.header('X-Subject-Token', token.id);
    return context.json(tokenDocumentOf(token, wantedServices(context), origin(context)), 201);
  });

  routes.get('/v3/auth/tokens', (context) => {
    const subject = subjectToken(identity, context, 'identity:validate_token');
    context.header('X-Subject-Token', subject.id);
    return context.json(tokenDocumentOf(subject, wantedServices(context), origin(context)));
  });

  routes.delete('/v3/auth/tokens', (context) => {
    identity.revokeToken(subjectToken(identity, context, 'identity:revoke_token'));
    return context.body(null, 204);
  });

  routes.get('/v3/auth/projects', (context) => {
    const { user } = callerToken(identity, context);
    const projects = identity.directory
      .projectsOf(user)
      .map((project) => projectDocumentOf(project, origin(context)));
    const links = { next: null, self: `${origin(context)}/v3/auth/projects`, previous: null };
    return context.json({ projects, links });
  });

  routes.get('/v3/auth/catalog', (context) => {
    const { project } = callerToken(identity, context);
    if (!project) throw forbiddenError('identity:get_auth_catalog');
    const catalog = serviceCatalogueOf(services, origin(context), project);
    return context.json({ catalog, links: { self: `${origin(context)}/v3/auth/catalog` } });
  });

  for (const collection of [
    'services',
    'endpoints',
    'users',
    'projects',
    'domains',
    'roles',
    'regions',
  ] as const) {
    routes.get(`/v3/${collection}`, (context) => {
      callerToken(identity, context);
      throw forbiddenError(`identity:list_${collection}`);
    });
  }

  routes.all('/v3/*', () => {
    throw new KeystoneError(404, 'The resource could not be found.');
  });

  routes.onError((error, context) => {
    if (!(error instanceof KeystoneError)) throw error;
    if (error.status === 401) context.header('WWW-Authenticate', `Keystone uri="${origin(context)}/v3"`);
    return context.json(error.toResponseBody(), error.status);
  });

  return routes;

  function wantedServices(context: Context): readonly CatalogueService[] | null {
    return context.req.query('nocatalog') === undefined ? services : null;
  }
}

/** The scheme, host and port that the client addressed. */
function origin(context: Context): string {
  return new URL(context.req.url).origin;
}

function versionOf(context: Context): Record<string, unknown> {
  return {
    id: 'v3.14',
    status: 'stable',
    updated: '2020-04-07T00:00:00Z',
    links: [{ rel: 'self', href: `${origin(context)}/v3/` }],
    'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.identity-v3+json' }],
  };
}

async function jsonBody(context: Context): Promise<unknown> {
  try {
    return await context.req.json();
  } catch {
    throw missingAttributeError('valid JSON', 'request body');
  }
}

/** Token of the caller. @throws KeystoneError 401 for any invalid token */
function callerToken(identity: IdentityService, context: Context): Token {
  try {
    return identity.requireToken(context.req.header('X-Auth-Token') ?? '');
  } catch (error) {
    throw error instanceof KeystoneError ? unauthorizedError() : error;
  }
}

/** Subject token of a request: the caller's own, or another one of the same user. */
function subjectToken(identity: IdentityService, context: Context, action: string): Token {
  const caller = callerToken(identity, context);
  const subject = identity.requireToken(context.req.header('X-Subject-Token') ?? '');
  if (subject.user !== caller.user) throw forbiddenError(action);
  return subject;
}
