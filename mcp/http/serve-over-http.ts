import type { HttpOptions } from '../configuration/http-options';
import type { Log } from '../observability/log';
import type { McpOptions } from '../configuration/mcp-options';
import { createSharedDependencies } from '../shared-dependencies';
import { combineTelemetry } from '../observability/telemetry';
import type { Telemetry } from '../observability/telemetry';
import { createMetrics } from './metrics';
import type { HttpServer } from './http-server';
import { startHttpServer } from './http-server';

/** Serves MCP over HTTP. It is a module of its own, so that a server over stdio does not load HTTP and metrics. */
export async function serveOverHttp(
  options: McpOptions,
  http: HttpOptions,
  log: Log,
  telemetry: readonly Telemetry[],
): Promise<HttpServer> {
  const metrics = createMetrics();
  const service = createSharedDependencies(options, log, combineTelemetry([metrics, ...telemetry]));
  return await startHttpServer(service, http, metrics);
}
