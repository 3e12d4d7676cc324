import { AsyncLocalStorage } from 'node:async_hooks';
import type { Attributes, Context, Span } from '@opentelemetry/api';
import { DiagLogLevel, ROOT_CONTEXT, SpanKind, SpanStatusCode, diag, trace } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { ProtocolError } from '@modelcontextprotocol/server';
import { isCoriolisError } from '../../src/api/errors';
import { pathTemplateOf } from '../../src/api/request-path';
import type { TransportRequest } from '../../src/api/transport';
import { isObject } from '../../src/model/json';
import { quoteText } from '../../src/model/untrusted-text';
import type { Log } from './log';
import { version } from '../package.json';
import type { ObservedRequest, Telemetry } from './telemetry';

/** Telemetry that is exported in batches. */
export interface Tracing extends Telemetry {
  /** Exports the last spans, for at most {@link LAST_EXPORT_MS}, and stops recording. */
  close(): Promise<void>;
}

/** Timeout of the last export in milliseconds: less than the time that container platforms leave a process to end. */
const LAST_EXPORT_MS = 3000;
const MAX_MESSAGE_LENGTH = 300;

const propagator = new W3CTraceContextPropagator();

/**
 * Creates traces: a span for each call of a tool, resource, prompt, completion or task, named by OpenTelemetry's
 * semantic conventions for MCP, and a child span for each request to Coriolis and Keystone. Spans contain no arguments,
 * results, object ids, query values, headers or error messages. OpenTelemetry's environment variables set the
 * destination, the service name, sampling and batching.
 */
export function createTracing(log: Log): Tracing {
  const warn = (message: string): void =>
    log.warn('traces', { error: quoteText(message, MAX_MESSAGE_LENGTH) });
  const silent = (): void => undefined;
  diag.setLogger({ error: warn, warn, info: silent, debug: silent, verbose: silent }, DiagLogLevel.WARN);
  const own = resourceFromAttributes({ 'service.name': 'coriolis-mcp', 'service.version': version });
  const provider = new BasicTracerProvider({
    resource: defaultResource()
      .merge(own)
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  const tracer = provider.getTracer('coriolis-mcp', version);
  const current = new AsyncLocalStorage<Context>();

  const within = async <Result>(
    name: string,
    kind: SpanKind,
    attributes: Attributes,
    parent: Context,
    run: (span: Span) => Promise<Result>,
  ): Promise<Result> => {
    const span = tracer.startSpan(name, { kind, attributes }, parent);
    try {
      return await current.run(trace.setSpan(parent, span), () => run(span));
    } catch (error) {
      fail(span, errorTypeOf(error));
      throw error;
    } finally {
      span.end();
    }
  };

  return {
    runAndRecordCall: (facts, run) => {
      const { method, tool } = facts;
      const attributes = {
        'mcp.method.name': method,
        ...(tool === undefined ? {} : { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': tool }),
      };
      return within(
        tool === undefined ? method : `${method} ${tool}`,
        SpanKind.SERVER,
        attributes,
        parentOf(facts),
        async (span) => {
          const result = await run();
          if (isObject(result) && result['isError'] === true) fail(span, 'tool_error');
          return result;
        },
      );
    },
    wrapTransport: (transport) => ({
      send(request) {
        const attributes = attributesOf(request);
        const name = `${request.method} ${attributes['url.template']}`;
        const parent = current.getStore() ?? ROOT_CONTEXT;
        return within(name, SpanKind.CLIENT, attributes, parent, async (span) => {
          const answer = await transport.send(request);
          span.setAttribute('http.response.status_code', answer.status);
          if (answer.status >= 400) fail(span, String(answer.status));
          return answer;
        });
      },
    }),
    async close() {
      const end = new AbortController();
      const bound = new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, LAST_EXPORT_MS);
        end.signal.addEventListener('abort', () => clearTimeout(timer));
      });
      await Promise.race([provider.shutdown().catch(() => warn('the last spans were not exported')), bound]);
      end.abort();
    },
  };
}

const errorTypeOf = (error: unknown): string =>
  isCoriolisError(error) ? error.kind : error instanceof ProtocolError ? String(error.code) : 'unexpected';

function fail(span: Span, type: string): void {
  span.setAttribute('error.type', type).setStatus({ code: SpanStatusCode.ERROR });
}

/** Parent trace that the client sent; a new trace when it sent none or an invalid one. */
const parentOf = ({ readSentText: sent }: ObservedRequest): Context =>
  propagator.extract(ROOT_CONTEXT, undefined, {
    get: (_carrier, name) => sent(name),
    keys: () => propagator.fields(),
  });

function attributesOf({ method, url }: TransportRequest) {
  const { hostname, port, protocol } = new URL(url);
  return {
    'http.request.method': method,
    'url.template': pathTemplateOf(url),
    'server.address': hostname,
    'server.port': port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
  };
}
