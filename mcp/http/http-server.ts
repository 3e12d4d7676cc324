import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler } from '@modelcontextprotocol/server';
import type { AuthInfo } from '@modelcontextprotocol/server';
import type { Caller } from '../caller/caller';
import { limitPermissionsToScopes } from '../caller/caller';
import type { HttpOptions } from '../configuration/http-options';
import type { SharedDependencies } from '../mcp-server-factory';
import { makeServerFactory } from '../mcp-server-factory';
import { createAuthentication } from './authentication';
import { setCorsOrAnswerPreflight } from './cross-origin';
import type { Metrics } from './metrics';
import { acceptsAnything, hasPlausibleVersion, refusalOfHeaders, makeVersionError } from './header-checks';
import { withCleanErrorBody } from './clean-error-body';
import { AbortedRequestError, readRequestBody } from './request-body';
import { limitConnections } from './limit-connections';
import type { ConnectionLimits } from './limit-connections';
import { InFlightCounter } from './in-flight-counter';
import { RateLimiter } from './rate-limiter';
import { PacedQueue } from './paced-queue';

/** Limits on requests, connections and the shutdown. */
export interface HttpLimits {
  readonly maxBodyBytes: number;
  /** Maximum milliseconds that a client may take to send a whole request. */
  readonly maxRequestMs: number;
  readonly maxConnections: number;
  /**
   * Maximum numbers of connections without a complete request, for each address and in total; beyond them the oldest is
   * closed.
   */
  readonly pendingConnections: ConnectionLimits;
  /** Maximum number of messages of one caller that are served at a time. */
  readonly maxMessagesInFlight: number;
  /** Milliseconds that running calls have to finish when the server stops. */
  readonly shutdownGraceMs: number;
}

const LIMITS: HttpLimits = {
  maxBodyBytes: 4 * 1024 * 1024,
  maxRequestMs: 30_000,
  maxConnections: 1000,
  pendingConnections: { perAddress: 100, total: 500 },
  maxMessagesInFlight: 64,
  // Less than the 30 s after which Kubernetes kills a process.
  shutdownGraceMs: 25_000,
};

/** A running HTTP server. */
export interface HttpServer {
  /** URL at which MCP is served. */
  readonly url: string;
  /** Refuses new calls, ends waits, gives other calls `shutdownGraceMs` to finish, and stops. */
  close(): Promise<void>;
}

/**
 * Milliseconds after which an idle connection is closed. Most proxies close theirs after a minute. With a shorter time
 * here, a proxy could send a request on a connection that this server is closing.
 */
const IDLE_MS = 65_000;
/**
 * Whether the MCP library serves a request that is no POST, by its HTTP method. Others are answered with 405 here,
 * because the library cannot read some of them, such as TRACE.
 */
const isServedBesidePost = (method: string | undefined): boolean => method === 'GET' || method === 'DELETE';
/** Subject of callers without authentication. */
const UNAUTHENTICATED_SUBJECT = 'anybody';
/** Seconds after which a caller with too many running calls should try again. */
const BUSY_SECONDS = 5;

/**
 * Serves MCP over HTTP in all protocol revisions. Each request gets an MCP server of its own and nothing is stored
 * between requests, so that any process with the same settings can answer any request.
 *
 * @throws {InvalidInputError} the file of tokens or the confirmation key cannot be used
 * @throws when it cannot listen, e.g. `EADDRINUSE`
 */
export async function startHttpServer(
  service: SharedDependencies,
  options: HttpOptions,
  metrics: Metrics,
  limits: Partial<HttpLimits> = {},
): Promise<HttpServer> {
  const {
    maxBodyBytes: bodyBytes,
    maxRequestMs: requestMs,
    maxConnections: connections,
    pendingConnections: pending,
    maxMessagesInFlight: maxInFlight,
    shutdownGraceMs: graceMs,
  } = { ...LIMITS, ...limits };
  const { log } = service;
  // A wrong key is reported at the start, not at the first confirmation.
  await service.getConfirmationTokens();
  const authentication = await createAuthentication(options, log);
  const factory = makeServerFactory(service);
  const callerOf = (who: AuthInfo | undefined): Caller => {
    if (who === undefined)
      return { subject: UNAUTHENTICATED_SUBJECT, permissions: service.options.permissions };
    const subject = who.extra?.['subject'];
    return {
      subject: typeof subject === 'string' ? subject : who.clientId,
      permissions: limitPermissionsToScopes(service.options.permissions, who.scopes),
    };
  };
  const onerror = (error: Error): void => log.warn('protocol error', { error: error.message });
  const handler = createMcpHandler(({ authInfo }) => factory(callerOf(authInfo)), {
    onerror,
    maxRequestBodySize: bodyBytes,
  });
  const fetch: typeof handler.fetch = async (request, call) =>
    await withCleanErrorBody(await handler.fetch(request, call));
  const answerMcp = toNodeHandler({ fetch }, { onerror, maxRequestBodySize: bodyBytes });
  const rate = new RateLimiter(options.messagesPerMinute, Date.now);
  const inFlight = new InFlightCounter(maxInFlight, Math.floor(connections / 2));
  const turns = new PacedQueue();
  let ending = false;

  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<string> => {
    const refused = refusalOfHeaders(request, options);
    if (refused !== undefined) {
      sendJson(response, 403, { error: refused });
      return 'refused';
    }
    if (setCorsOrAnswerPreflight(request, response)) return 'preflight';
    const path = pathOf(request);
    if (path === '/healthz') {
      const health = { status: ending ? 'ending' : 'ok', version: service.version };
      sendJson(response, ending ? 503 : 200, health);
      return path;
    }
    const metadata = authentication.findResourceMetadata(path);
    if (metadata !== undefined) {
      sendJson(response, 200, metadata);
      return 'metadata';
    }
    if (path !== '/mcp' && path !== '/metrics') {
      sendJson(response, 404, { error: 'There are /mcp, /healthz and /metrics.' });
      return 'unknown';
    }
    const who = await authentication.authenticate(request.headers.authorization);
    const address = request.socket.remoteAddress ?? '';
    const isRefused = who instanceof Response;
    // Requests without a valid token are counted by address, so that they use up no caller's rate limit.
    const key = isRefused ? `refused ${address}` : who === undefined ? address : callerOf(who).subject;
    if (isRefused || path === '/metrics' || request.method !== 'POST') {
      const wait = rate.countAndGetWaitSeconds(key);
      if (wait !== undefined) tooMany(response, wait, 'Too many requests');
      else if (isRefused) await sendResponse(response, who);
      else if (path === '/metrics') {
        const { type, text } = await metrics.render();
        response.writeHead(200, { 'content-type': type }).end(text);
      } else if (isServedBesidePost(request.method)) await serveMcp(request, response, who);
      else {
        response.setHeader('allow', 'GET, POST, DELETE');
        sendJson(response, 405, { error: 'Method not allowed.' });
      }
      return path;
    }
    const body = await readRequestBody(request, bodyBytes);
    const messages = 'content' in body ? body.messages : 1;
    const wait = rate.countAndGetWaitSeconds(key, messages);
    if (wait !== undefined) tooMany(response, wait, 'Too many requests');
    else if ('error' in body) sendJson(response, body.status, body.error);
    else if (!hasPlausibleVersion(request)) sendJson(response, 400, makeVersionError(request, body.content));
    else {
      const exceeded = inFlight.addUnlessFull(key, messages);
      if (exceeded !== undefined) {
        tooMany(
          response,
          BUSY_SECONDS,
          exceeded === maxInFlight
            ? `More than ${maxInFlight} calls at a time (wait for several runs in one call)`
            : `More than ${exceeded} calls of all callers at a time`,
        );
        return path;
      }
      try {
        await serveMcp(request, response, who, body.content);
      } finally {
        inFlight.remove(key, messages);
      }
    }
    return path;
  };

  const serveMcp = async (
    request: IncomingMessage,
    response: ServerResponse,
    who: AuthInfo | undefined,
    content?: unknown,
  ): Promise<void> => {
    const { method = 'GET', url = '/', headers } = request;
    if (acceptsAnything(headers.accept)) headers.accept = 'application/json, text/event-stream';
    await turns.waitForTurn();
    await answerMcp(Object.assign(request, { method, url, ...(who && { auth: who }) }), response, content);
  };

  const running = new Set<Promise<void>>();
  const server = createServer({ requestTimeout: requestMs, connectionsCheckingInterval: requestMs / 4 });
  server.maxConnections = connections;
  server.keepAliveTimeout = IDLE_MS;
  limitConnections(server, pending);
  server.on('connection', () => turns.reportConnection());
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (ending) response.setHeader('connection', 'close');
    const done = respond(request, response)
      .catch((error: unknown) => {
        if (error instanceof AbortedRequestError) {
          log.debug('request aborted', { error: error.message });
          return 'aborted';
        }
        log.error('request failed', { error: error instanceof Error ? error.message : 'unknown' });
        if (response.headersSent) response.destroy();
        else sendJson(response, 500, { error: 'Internal error; see the log of the server.' });
        return 'failed';
      })
      .then((route) => metrics.countAnswer(route, response.statusCode))
      .finally(() => running.delete(done));
    running.add(done);
  });

  const url = await listen(server, options);
  return {
    url,
    async close() {
      ending = true;
      service.shutdownController.abort();
      const closed = new Promise((resolve) => server.close(resolve));
      await Promise.race([waitForRequests(running), pause(graceMs)]);
      await handler.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

const pathOf = ({ url = '/' }: IncomingMessage): string => url.replace(/[?#].*$/su, '');

function tooMany(response: ServerResponse, seconds: number, problem: string): void {
  response.setHeader('retry-after', seconds);
  sendJson(response, 429, { error: `${problem}: try again in ${seconds} s.` });
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function sendResponse(response: ServerResponse, answer: Response): Promise<void> {
  response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
}

/** Waits until all requests have ended, also those that begin meanwhile. */
async function waitForRequests(running: ReadonlySet<Promise<void>>): Promise<void> {
  while (running.size > 0) await Promise.all(running);
}

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });

function listen(server: Server, { host, port }: HttpOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host.replace(/^\[|\]$/gu, ''), () => {
      server.off('error', reject);
      resolve(`http://${host}:${(server.address() as AddressInfo).port}/mcp`);
    });
  });
}
