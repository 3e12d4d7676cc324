import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, validateHostHeader, validateOriginHeader } from '@modelcontextprotocol/server';
import type { AuthInfo } from '@modelcontextprotocol/server';
import type { Caller } from '../caller/caller';
import { within } from '../caller/caller';
import type { HttpOptions } from '../configuration/http-options';
import type { Service } from '../server';
import { serverFactory } from '../server';
import { createAuthentication } from './authentication';
import { answerCrossOrigin } from './cross-origin';
import type { Metrics } from './metrics';
import { RateLimit } from './rate-limit';

/** Limits of requests. */
export interface Limits {
  readonly bodyBytes: number;
  /** Maximum time for a request to arrive, in milliseconds. */
  readonly requestMs: number;
  readonly connections: number;
  /** Time for running calls to finish at shutdown, in milliseconds. */
  readonly graceMs: number;
}

const LIMITS: Limits = {
  bodyBytes: 4 * 1024 * 1024,
  requestMs: 30_000,
  connections: 1000,
  // Kubernetes kills a process after 30 s.
  graceMs: 25_000,
};

/** A listening HTTP server. */
export interface HttpServer {
  /** URL of the MCP endpoint. */
  readonly url: string;
  /** Stops accepting calls, lets running ones finish within the grace time, and closes. */
  close(): Promise<void>;
}

/** Subject of callers where no authentication is configured. */
const ANYBODY = 'anybody';

/**
 * Serves MCP over HTTP in both protocol eras. Each request gets a server of its own and nothing is remembered between
 * requests, so that any replica can answer any of them.
 *
 * @throws {InvalidInputError} the file of tokens or the confirmation key cannot be used
 * @throws when it cannot listen, e.g. `EADDRINUSE`
 */
export async function serveHttp(
  service: Service,
  options: HttpOptions,
  metrics: Metrics,
  limits: Partial<Limits> = {},
): Promise<HttpServer> {
  const { bodyBytes, requestMs, connections, graceMs } = { ...LIMITS, ...limits };
  const { log } = service;
  // Opened early, so that an invalid key is found at the start and not at the first deletion.
  await service.confirmations();
  const authentication = await createAuthentication(options, log);
  const factory = serverFactory(service);
  const callerOf = (who: AuthInfo | undefined): Caller => {
    if (who === undefined) return { subject: ANYBODY, permissions: service.options.permissions };
    const subject = who.extra?.['subject'];
    return {
      subject: typeof subject === 'string' ? subject : who.clientId,
      permissions: within(service.options.permissions, who.scopes),
    };
  };
  const onerror = (error: Error): void => log.warn('protocol error', { error: error.message });
  const handler = createMcpHandler(({ authInfo }) => factory(callerOf(authInfo)), {
    onerror,
    maxRequestBodySize: bodyBytes,
  });
  const answerMcp = toNodeHandler(handler, { onerror, maxRequestBodySize: bodyBytes });
  const rate = new RateLimit(options.rateLimit, Date.now);
  let ending = false;

  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<string> => {
    const refused = refusal(request, options);
    if (refused !== undefined) {
      sendJson(response, 403, { error: refused });
      return 'refused';
    }
    if (answerCrossOrigin(request, response)) return 'preflight';
    const path = pathOf(request);
    if (path === '/healthz') {
      const health = { status: ending ? 'ending' : 'ok', version: service.version };
      sendJson(response, ending ? 503 : 200, health);
      return path;
    }
    const metadata = authentication.metadata(path);
    if (metadata !== undefined) {
      sendJson(response, 200, metadata);
      return 'metadata';
    }
    if (path !== '/mcp' && path !== '/metrics') {
      sendJson(response, 404, { error: 'There are /mcp, /healthz and /metrics.' });
      return 'unknown';
    }
    const who = await authentication.check(request.headers.authorization);
    const address = request.socket.remoteAddress ?? '';
    const isRefused = who instanceof Response;
    // Refused requests are counted by address, so that guessing does not use up the limit of callers.
    const wait = rate.exceeded(
      isRefused ? `refused ${address}` : who === undefined ? address : callerOf(who).subject,
    );
    if (isRefused && wait === undefined) {
      await send(response, who);
      return path;
    }
    if (wait !== undefined) {
      response.setHeader('retry-after', wait);
      sendJson(response, 429, { error: `Too many requests: try again in ${wait} s.` });
    } else if (path === '/metrics') {
      const { type, text } = await metrics.render();
      response.writeHead(200, { 'content-type': type }).end(text);
    } else {
      const { method = 'GET', url: target = '/' } = request;
      const identity = who === undefined || isRefused ? {} : { auth: who };
      await answerMcp(Object.assign(request, { method, url: target, ...identity }), response);
    }
    return path;
  };

  const running = new Set<Promise<void>>();
  const server = createServer({ requestTimeout: requestMs, connectionsCheckingInterval: requestMs / 4 });
  server.maxConnections = connections;
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (ending) response.setHeader('connection', 'close');
    const done = respond(request, response)
      .catch((error: unknown) => {
        log.error('request failed', { error: error instanceof Error ? error.message : 'unknown' });
        if (response.headersSent) response.destroy();
        else sendJson(response, 500, { error: 'This server made a mistake; its log tells more.' });
        return 'failed';
      })
      .then((route) => metrics.answered(route, response.statusCode))
      .finally(() => running.delete(done));
    running.add(done);
  });

  const url = await listen(server, options);
  return {
    url,
    async close() {
      ending = true;
      const closed = new Promise((resolve) => server.close(resolve));
      await Promise.race([settled(running), pause(graceMs)]);
      await handler.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

const pathOf = ({ url = '/' }: IncomingMessage): string => url.replace(/[?#].*$/su, '');

/** Reason to refuse a request: it comes from a foreign web page, or under a foreign host name (DNS rebinding). */
function refusal(
  { headers, headersDistinct }: IncomingMessage,
  { allowedHosts, allowedOrigins }: HttpOptions,
): string | undefined {
  // A proxy may have used the other one.
  if ((headersDistinct['host'] ?? []).length > 1) return 'More than one Host header.';
  if (allowedHosts !== undefined) {
    const host = validateHostHeader(headers.host, [...allowedHosts]);
    if (!host.ok) return `${host.message}. The operator can add it to --allowed-hosts.`;
  }
  const origin = validateOriginHeader(headers.origin, [...allowedOrigins]);
  return origin.ok ? undefined : `${origin.message}. The operator can add it to --allowed-origins.`;
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function send(response: ServerResponse, answer: Response): Promise<void> {
  response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
}

/** Waits for all running calls, including those that start meanwhile. */
async function settled(running: ReadonlySet<Promise<void>>): Promise<void> {
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
