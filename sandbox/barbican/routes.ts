import { randomUUID } from 'node:crypto';
import { Hono } from 'hono';
import type { Context } from 'hono';
import type { Caller, IdentityService } from '../keystone';
import { mayDeleteSecret, mayReadSecret, mayUseSecrets } from '../world/stores/secret-store';
import type { Secret, SecretUser } from '../world/stores/secret-store';
import type { World } from '../world/world';
import { BarbicanError, notAllowedError } from './errors';
import { readNewSecret, refuseLargePayload } from './new-secret';

/** Path prefix of Barbican, the same as in an appliance. */
export const BARBICAN_PREFIX = '/barbican';

interface BarbicanEnvironment {
  Variables: { caller: Caller };
}

type BarbicanContext = Context<BarbicanEnvironment>;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const DEFAULT_LIMIT = 10;
const SORT_KEYS = ['created', 'updated', 'name', 'algorithm', 'bit_length', 'mode', 'status', 'expiration'];
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  'text/plain': 'text/plain; charset=UTF-8',
  'application/octet-stream': 'application/octet-stream',
  '*/*': '*/*',
};

/**
 * Routes of Barbican that Coriolis and its clients need (docs/reference/coriolis-api.md §12), mounted at the root of
 * the sandbox. Statuses, texts and headers are those of recorded traffic.
 */
export function makeBarbicanRoutes(identity: IdentityService, world: World): Hono<BarbicanEnvironment> {
  const barbican = new Hono<BarbicanEnvironment>();
  for (const root of [BARBICAN_PREFIX, `${BARBICAN_PREFIX}/`]) {
    barbican.get(root, (context) => {
      context.header('Vary', 'openstack-api-version');
      return context.json({ versions: { values: [versionOf(context)] } }, 300);
    });
  }
  barbican.route(BARBICAN_PREFIX, secretRoutes(identity, world));
  return barbican;
}

function secretRoutes(identity: IdentityService, world: World): Hono<BarbicanEnvironment> {
  const routes = new Hono<BarbicanEnvironment>();

  routes.use('/v1/*', async (context, next) => {
    const caller = identity.findCaller(context.req.header('X-Auth-Token') ?? '');
    if (!caller) {
      context.header('WWW-Authenticate', `Keystone uri="${origin(context)}/v3"`);
      const message = 'The request you have made requires authentication.';
      return context.json({ error: { code: 401, title: 'Unauthorized', message } }, 401);
    }
    context.header('Vary', 'openstack-api-version');
    context.header('x-openstack-request-id', `req-${randomUUID()}`);
    context.set('caller', caller);
    world.advance();
    return next();
  });

  routes.get('/v1/', (context) => context.json({ version: versionOf(context) }));

  routes.get('/v1/secrets', (context) => {
    const user = userOf(context, 'Secret(s) retrieval');
    if (!mayUseSecrets(user)) throw notAllowedError('Secret(s) retrieval');
    const all = sorted(
      context,
      named(context, world.secretStore.ofProject(user.projectId, world.serverSeconds())),
    );
    const limit = whole(context, 'limit', DEFAULT_LIMIT);
    const offset = whole(context, 'offset', 0);
    const page = (start: number): string =>
      `${origin(context)}${BARBICAN_PREFIX}/v1/secrets?limit=${limit}&offset=${start}`;
    return context.json({
      secrets: all.slice(offset, offset + limit).map((secret) => metadata(context, secret)),
      ...(offset + limit < all.length && { next: page(offset + limit) }),
      ...(offset > 0 && { previous: page(Math.max(0, offset - limit)) }),
      total: all.length,
    });
  });

  routes.post('/v1/secrets', async (context) => {
    const user = userOf(context, 'Secret creation');
    if (!mayUseSecrets(user)) throw notAllowedError('Secret creation');
    if (!(context.req.header('Content-Type') ?? '').startsWith('application/json')) {
      throw new BarbicanError(
        415,
        "Unexpected content type. Expected content types are: ['application/json']",
      );
    }
    const secret = world.secretStore.add({
      ...readNewSecret(await context.req.text()),
      id: world.makeId(),
      projectId: user.projectId,
      creatorId: user.userId,
      createdAt: world.serverSeconds(),
      updatedAt: world.serverSeconds(),
      readers: [],
      projectAccess: true,
    });
    const reference = referenceTo(context, secret);
    context.header('Location', reference);
    return context.json({ secret_ref: reference }, 201);
  });

  routes.get('/v1/secrets/:id', (context) => {
    const secret = readable(context, 'Secret retrieval');
    // Old clients read the payload at the URL of the metadata, with the media type of the payload.
    const accept = context.req.header('Accept') ?? '';
    return accept.startsWith('text/plain')
      ? payload(context, secret)
      : context.json(metadata(context, secret));
  });

  routes.get('/v1/secrets/:id/payload', (context) =>
    payload(context, readable(context, 'Secret payload retrieval')),
  );

  routes.put('/v1/secrets/:id', async (context) => {
    const secret = writable(context, 'Secret update');
    if (secret.payload !== null) throw new BarbicanError(409, 'Secret already has data, cannot modify it.');
    const text = await context.req.text();
    refuseLargePayload(text);
    secret.payload = text;
    secret.updatedAt = world.serverSeconds();
    return context.body(null, 204);
  });

  routes.delete('/v1/secrets/:id', (context) => {
    world.secretStore.delete(writable(context, 'Secret deletion').id);
    return context.body(null, 204);
  });

  routes.get('/v1/secrets/:id/acl', (context) => {
    const { readers, projectAccess } = readable(context, 'SecretACL(s) retrieval');
    return context.json({
      read: { 'project-access': projectAccess, ...(readers.length > 0 && { users: readers }) },
    });
  });

  routes.put('/v1/secrets/:id/acl', async (context) => {
    const secret = writable(context, 'SecretACL(s) update');
    const body = (await context.req.json().catch(() => ({}))) as {
      read?: { users?: string[]; 'project-access'?: boolean };
    };
    secret.readers = body.read?.users ?? [];
    secret.projectAccess = body.read?.['project-access'] ?? true;
    return context.json({ acl_ref: `${referenceTo(context, secret)}/acl` });
  });

  routes.onError((error, context) => {
    if (!(error instanceof BarbicanError)) throw error;
    return context.json(error.toResponseBody(), error.status);
  });

  return routes;

  /**
   * Finds a secret that the caller may read.
   * @param attempt the attempted action, as Barbican names it
   */
  function readable(context: BarbicanContext, attempt: string): Secret {
    const secret = find(context);
    if (!mayReadSecret(userOf(context, attempt), secret)) throw notAllowedError(attempt);
    return secret;
  }

  function writable(context: BarbicanContext, attempt: string): Secret {
    const secret = find(context);
    if (!mayDeleteSecret(userOf(context, attempt), secret)) throw notAllowedError(attempt);
    return secret;
  }

  function find(context: BarbicanContext): Secret {
    const id = context.req.param('id') ?? '';
    if (!UUID.test(id)) throw new BarbicanError(404, 'Not Found. Provided secret id is invalid.');
    const secret = world.secretStore.get(id, world.serverSeconds());
    if (!secret) throw new BarbicanError(404, 'Secret not found.');
    return secret;
  }
}

/**
 * User, project and roles of the caller, for the permission checks of secrets.
 * @throws BarbicanError 500 for an unscoped token, which Barbican does not expect
 */
function userOf(context: BarbicanContext, attempt: string): SecretUser {
  const { userId, projectId, roles } = context.get('caller');
  if (projectId === null) {
    throw new BarbicanError(500, `${attempt} failure seen - please contact site administrator.`);
  }
  return { userId, projectId, roles };
}

function payload(context: Context, secret: Secret): Response {
  const accept = context.req.header('Accept')?.split(/[,;]/)[0]?.trim() ?? '*/*';
  const type = MEDIA_TYPES[accept];
  if (secret.payload === null) {
    throw new BarbicanError(404, 'Not Found. Sorry but your secret has no payload.');
  }
  if (type === undefined) {
    throw new BarbicanError(406, 'Secret payload retrieval issue seen - Wrong payload content-type.');
  }
  return context.body(secret.payload, 200, { 'Content-Type': type });
}

function metadata(context: Context, secret: Secret): object {
  return {
    created: timestamp(secret.createdAt),
    updated: timestamp(secret.updatedAt),
    status: 'ACTIVE',
    name: secret.name,
    secret_type: 'opaque',
    expiration: secret.expiration,
    algorithm: secret.algorithm,
    bit_length: secret.bitLength,
    mode: secret.mode,
    creator_id: secret.creatorId,
    ...(secret.payload !== null && { content_types: { default: 'text/plain' } }),
    secret_ref: referenceTo(context, secret),
  };
}

function named(context: Context, secrets: Secret[]): Secret[] {
  const name = context.req.query('name');
  return name === undefined ? secrets : secrets.filter((secret) => secret.name === name);
}

/** Sorts secrets. Only the order by time is implemented; other keys are accepted. */
function sorted(context: Context, secrets: Secret[]): Secret[] {
  const [key, direction = 'asc'] = (context.req.query('sort') ?? 'created').split(':');
  if (!SORT_KEYS.includes(key ?? '') || !['asc', 'desc'].includes(direction)) {
    throw new BarbicanError(400, 'URI provided invalid query string parameters.');
  }
  const inTime = [...secrets].sort((one, other) => one.createdAt - other.createdAt);
  return direction === 'desc' ? inTime.reverse() : inTime;
}

function whole(context: Context, name: string, fallback: number): number {
  const text = context.req.query(name);
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : fallback;
}

function referenceTo(context: Context, secret: Secret): string {
  return `${origin(context)}${BARBICAN_PREFIX}/v1/secrets/${secret.id}`;
}

/** The scheme, host and port that the client addressed. */
function origin({ req }: { req: { url: string } }): string {
  return new URL(req.url).origin;
}

function timestamp(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19);
}

function versionOf(context: Context): object {
  return {
    id: 'v1',
    status: 'stable',
    links: [
      { rel: 'self', href: `${origin(context)}${BARBICAN_PREFIX}/v1/` },
      { rel: 'describedby', type: 'text/html', href: 'https://docs.openstack.org/' },
    ],
    'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.key-manager-v1+json' }],
  };
}
