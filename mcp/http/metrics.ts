import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { isCoriolisError } from '../../src/api/errors';
import { isObject } from '../../src/model/json';
import type { Telemetry } from '../observability/telemetry';

/** Metrics for Prometheus: counts by tool and outcome, never an id or a caller. */
export interface Metrics extends Telemetry {
  /** Counts an answer to an HTTP request, by route and status. */
  countAnswer(route: string, status: number): void;
  /** Metrics text for Prometheus, and its content type. */
  render(): Promise<{ readonly type: string; readonly text: string }>;
}

const CALL_SECONDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
const REQUEST_SECONDS = [0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const calls = new Counter({
    name: 'coriolis_mcp_calls_total',
    help: 'Calls of tools, by outcome: ok, or the kind of the error.',
    labelNames: ['tool', 'outcome'],
    registers,
  });
  const seconds = new Histogram({
    name: 'coriolis_mcp_call_seconds',
    help: 'How long calls of tools take.',
    labelNames: ['tool'],
    buckets: CALL_SECONDS,
    registers,
  });
  const running = new Gauge({
    name: 'coriolis_mcp_calls_running',
    help: 'Calls of tools that go on, by whether they wait for work on the server.',
    labelNames: ['waits'],
    registers,
  });
  const requests = new Counter({
    name: 'coriolis_mcp_coriolis_requests_total',
    help: 'Requests to Coriolis, Keystone and the services beside them, by HTTP status; "none" without an answer.',
    labelNames: ['method', 'status'],
    registers,
  });
  const requestSeconds = new Histogram({
    name: 'coriolis_mcp_coriolis_request_seconds',
    help: 'How long Coriolis and Keystone take to answer.',
    labelNames: ['method'],
    buckets: REQUEST_SECONDS,
    registers,
  });
  const http = new Counter({
    name: 'coriolis_mcp_http_requests_total',
    help: 'Requests to this server over HTTP.',
    labelNames: ['route', 'status'],
    registers,
  });
  for (const waits of ['true', 'false']) running.set({ waits }, 0);

  return {
    async runAndRecordCall({ tool, waitsForWork: waits }, run) {
      if (tool === undefined) return await run();
      const labels = { waits: String(waits) };
      const done = seconds.startTimer({ tool });
      running.inc(labels);
      try {
        const result = await run();
        calls.inc({ tool, outcome: isObject(result) && result['isError'] === true ? 'error' : 'ok' });
        return result;
      } catch (error) {
        calls.inc({ tool, outcome: isCoriolisError(error) ? error.kind : 'unexpected' });
        throw error;
      } finally {
        running.dec(labels);
        done();
      }
    },
    wrapTransport: (transport) => ({
      async send(request) {
        const { method } = request;
        const done = requestSeconds.startTimer({ method });
        try {
          const answer = await transport.send(request);
          requests.inc({ method, status: String(answer.status) });
          return answer;
        } catch (error) {
          requests.inc({ method, status: 'none' });
          throw error;
        } finally {
          done();
        }
      },
    }),
    countAnswer: (route, status) => http.inc({ route, status: String(status) }),
    render: async () => ({ type: registry.contentType, text: await registry.metrics() }),
  };
}
