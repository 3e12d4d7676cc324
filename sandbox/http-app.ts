import { randomUUID } from 'node:crypto';
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { toSandboxPath } from './appliance/paths';
import { makeApplianceRoutes } from './appliance/routes';
import { makeBarbicanRoutes } from './barbican/routes';
import { FAULT_CONTROL_PREFIX, makeFaultControlRoutes } from './faults/routes';
import type { FaultRegistry } from './faults/registry';
import { makeKeystoneRoutes } from './keystone';
import type { IdentityService, ExternalTokenValidator } from './keystone';
import { LICENSING_PREFIX, makeLicensingRoutes } from './licensing/routes';
import { LOGGER_PREFIX, makeLoggerRoutes } from './logger/routes';
import { METAL_HUB_PREFIX, makeMetalHubRoutes } from './metal-hub/routes';
import type { RequestLog } from './http/request-log';
import { addDeploymentRoutes } from './routes/deployments';
import { addDiagnosticsRoutes } from './routes/diagnostics';
import { addEndpointResourceRoutes } from './routes/endpoint-resources';
import { addEndpointRoutes } from './routes/endpoints';
import { addExecutionRoutes } from './routes/executions';
import { addMinionPoolRoutes } from './routes/minion-pools';
import { addProviderRoutes } from './routes/providers';
import { makePlatformConnector } from './routes/connect-to-platform';
import { addRegionRoutes } from './routes/regions';
import { addScheduleRoutes } from './routes/schedules';
import { addServiceRoutes } from './routes/services';
import { addTransferRoutes } from './routes/transfers';
import { makeDelayedThrower } from './http/throw-after-delay';
import type { Clock } from './world/clock';
import type { Generation } from './world/releases';
import { ApiError, internalError } from './world/api-error';
import { PythonError } from './python/errors';
import { toApiError } from './http/wsgi-handlers';
import { addUnimplementedFixedPathRoutes, addUnimplementedMemberRoutes } from './routes/unimplemented-routes';
import type { World } from './world/world';
import type { CoriolisContext, CoriolisHonoEnv } from './http/request-context';
import { answerAsCsv } from './http/csv-answer';
import { convertAnswerToDialect } from './dialects/dialect';
import { chooseDialect } from './dialects/choose-dialect';
import { makeErrorAnswer } from './http/error-answer';
import { applyFault, replaceAnswer, sendBodyWith204 } from './faults/apply-fault';
import { answerUnmountedPath, answerUnroutedPath } from './http/unknown-path-answers';
import { isUtf8, readRoutedPath, readSentPath, webServerOf } from './http/request-path';

/** Objects and settings that the application is made of. */
export interface HttpAppDependencies {
  readonly world: World;
  readonly identity: IdentityService;
  /** Validator of tokens by an external Keystone; with it the sandbox serves no Keystone of its own. */
  readonly externalTokenValidator?: ExternalTokenValidator;
  readonly faults: FaultRegistry;
  readonly requests: RequestLog;
  readonly clock: Clock;
  readonly generation: Generation;
  /** Whether 204 responses of Coriolis have a body. */
  readonly bodyOn204: boolean;
  /** Called with internal errors of the sandbox. */
  readonly onInternalError: (error: unknown) => void;
}

/** Message of the auth middleware when Keystone is down (keystonemiddleware, `HTTPServiceUnavailable`). */
const UNAVAILABLE = 'The Keystone service is temporarily unavailable.';

/**
 * Creates the sandbox as one application: Keystone under `/v3`, Coriolis under `/v1`, each of the services beside it
 * under its own prefix.
 */
export function createHttpApp(parts: HttpAppDependencies): Hono<{ Bindings: HttpBindings }> {
  const dialect = chooseDialect(parts.generation, parts.world.features);
  const webServer = webServerOf(parts.generation);
  const app = new Hono<{ Bindings: HttpBindings }>({
    getPath: (request, options) =>
      dialect.convertPath(toSandboxPath(readRoutedPath(request, options?.env, webServer))),
  });

  // Registered before the faults, so that no fault can block the removal of faults.
  app.route(FAULT_CONTROL_PREFIX, makeFaultControlRoutes(parts.faults));

  if (parts.bodyOn204) {
    app.use(async (context, next) => {
      await next();
      const mute = context.res.status === 204 && context.req.path.startsWith('/v1/');
      if (mute) replaceAnswer(context, sendBodyWith204(context));
    });
  }

  app.use(async (context, next) => {
    const { method } = context.req;
    const url = new URL(context.req.url);
    const path = url.pathname + url.search;
    const fault = parts.faults.takeFaultFor(method, path);
    let status: number | undefined;
    try {
      if (fault) status = await applyFault(context, next, fault, parts.identity);
      else await next();
    } finally {
      if (context.res.headers.get('Date') === null && !context.env.outgoing.headersSent) {
        context.env.outgoing.setHeader(
          'Date',
          new Date(parts.clock.now() + parts.world.conditions.sumSkewMs('date-skew')).toUTCString(),
        );
      }
      parts.requests.record({ method, path, status: status ?? context.res.status });
    }
  });

  if (webServer === 'cheroot') {
    // cheroot reads `//host/path` as an absolute address; eventlet does not.
    app.use(async (context, next) => {
      if (!/^\/\/[^/]/.test(readSentPath(context.req.raw, context.env))) return next();
      return context.body('Absolute URI not allowed if server is not a proxy.', 400, {
        'Content-Type': 'text/plain',
      });
    });
  }

  const { externalTokenValidator: externalTokens } = parts;
  if (externalTokens !== undefined) {
    app.use(async ({ req, json }, next) => {
      const token = req.header('X-Auth-Token');
      try {
        if (token !== undefined) await externalTokens.validateToken(token, req.method !== 'GET');
      } catch (error) {
        parts.onInternalError(error);
        return json(
          { code: '503 Service Unavailable', title: 'Service Unavailable', message: UNAVAILABLE },
          503,
        );
      }
      return next();
    });
  }

  app.route('/v1', coriolisRoutes(parts));
  app.route(LOGGER_PREFIX, makeLoggerRoutes(parts.identity, parts.world));
  app.route('/', makeBarbicanRoutes(parts.identity, parts.world));
  app.route(LICENSING_PREFIX, makeLicensingRoutes(parts.world));
  app.route(METAL_HUB_PREFIX, makeMetalHubRoutes(parts.identity, parts.world));
  app.route('/', makeApplianceRoutes());
  if (externalTokens === undefined) app.route('/', makeKeystoneRoutes(parts.identity));
  app.notFound((context) => answerUnmountedPath(context, webServer));
  return app;
}

/**
 * Routes of Coriolis. As on the server, the token is checked first, even for unknown routes, then the project in the
 * URL, then the route.
 */
function coriolisRoutes(parts: HttpAppDependencies): Hono<CoriolisHonoEnv> {
  const { world, identity } = parts;
  const dialect = chooseDialect(parts.generation, parts.world.features);
  const v1 = new Hono<CoriolisHonoEnv>();

  v1.use(async (context, next) => {
    context.header('Server', 'coriolis-api');
    const requestId = `req-${randomUUID()}`;
    context.header('x-openstack-request-id', requestId);
    context.set('requestId', requestId);
    context.set('dialect', dialect);
    context.set('features', world.features);
    const caller = identity.findCaller(context.req.header('X-Auth-Token') ?? '');
    if (!caller) {
      context.header('WWW-Authenticate', `Keystone uri="${new URL(context.req.url).origin}/v3"`);
      const message = 'The request you have made requires authentication.';
      return context.json({ error: { code: 401, title: 'Unauthorized', message } }, 401);
    }
    if (context.req.method === 'HEAD') return answerUnroutedPath(context);
    context.set('caller', caller);
    world.advance();
    return next();
  });

  v1.get('/', (context) => {
    const { origin } = new URL(context.req.url);
    if (readSentPath(context.req.raw, context.env).endsWith('/')) return answerUnroutedPath(context);
    return context.body(null, 302, {
      Location: `${origin}/v1/`,
      'Content-Type': 'text/plain; charset=utf8',
    });
  });

  const routes = new Hono<CoriolisHonoEnv>();
  // The server's router compares bytes; what then needs the path as a text, even to log an error, fails.
  routes.use('/*', async (context, next) => {
    await next();
    if (context.get('unrouted') || isUtf8(readSentPath(context.req.raw, context.env))) return;
    context.res = new Response(null, { status: 500, headers: { 'Content-Type': 'text/plain' } });
  });
  // On the real server only answers that come from a controller and have a body carry a second request id.
  routes.use('/*', async (context, next) => {
    await next();
    if (context.get('unrouted') || (context.res.status === 204 && !parts.bodyOn204)) return;
    context.header('x-compute-request-id', context.get('requestId'));
  });
  routes.use('/*', async (context, next) => {
    context.set('projectId', context.req.param('project') ?? '');
    await next();
  });
  routes.use('/*', async (context, next) => {
    await next();
    const answering = context as CoriolisContext;
    if (world.features.csv) await answerAsCsv(answering);
    await convertAnswerToDialect(answering, dialect);
  });
  addUnimplementedFixedPathRoutes(routes);
  addProviderRoutes(routes, world);
  const wait = makeDelayedThrower(world.speed);
  const reach = makePlatformConnector(world, wait);
  addEndpointRoutes(routes, world, reach);
  addEndpointResourceRoutes(routes, world, reach);
  addTransferRoutes(routes, world);
  addExecutionRoutes(routes, world);
  addDeploymentRoutes(routes, world);
  addScheduleRoutes(routes, world);
  addMinionPoolRoutes(routes, world);
  addRegionRoutes(routes, world);
  addServiceRoutes(routes, world, wait);
  addDiagnosticsRoutes(routes, world);
  addUnimplementedMemberRoutes(routes);
  v1.route('/:project', routes);
  v1.all('/*', (context) => {
    context.set('unrouted', true);
    return answerUnroutedPath(context);
  });

  v1.onError((error, context) => {
    const raised = error instanceof PythonError ? toApiError(error) : error;
    if (!(raised instanceof ApiError)) parts.onInternalError(raised);
    const { status, body } = makeErrorAnswer(raised instanceof ApiError ? raised : internalError());
    return context.json(body, status);
  });
  return v1;
}
