import type { ServerContext } from '@modelcontextprotocol/server';
import type { EnvironmentVariables } from '../../src/api/login-settings';
import type { Transport } from '../../src/api/transport';
import type { Caller } from '../caller/caller';

/** Facts about a request that telemetry may record: no arguments and no results. */
export interface ObservedRequest {
  /** The method of the protocol: `tools/call`, `resources/read` … */
  readonly method: string;
  /** Name of the tool, for `tools/call`. */
  readonly tool?: string;
  /** True for the call of a tool that waits until runs on the server have ended. */
  readonly waitsForWork: boolean;
  readonly caller: Caller;
  /** Returns a text that the client sent beside the arguments, by its name in `_meta` or else as an HTTP header. */
  readonly readSentText: (name: string) => string | undefined;
}

/** Records requests, as metrics or as traces. */
export interface Telemetry {
  /** Runs a call and records its outcome. Results and errors pass unchanged. */
  runAndRecordCall<Result>(facts: ObservedRequest, run: () => Promise<Result>): Promise<Result>;
  /** Wraps a transport to record its requests. */
  wrapTransport(transport: Transport): Transport;
}

/** Runs a request other than a tool call, and records its outcome. */
export type RequestObserver = <Result>(
  method: string,
  context: ServerContext,
  run: () => Promise<Result>,
) => Promise<Result>;

/** Combines telemetries; the first is the outermost. An empty list records nothing. */
export const combineTelemetry = (all: readonly Telemetry[]): Telemetry => ({
  runAndRecordCall: (facts, run) =>
    all.reduceRight<typeof run>((inner, one) => () => one.runAndRecordCall(facts, inner), run)(),
  wrapTransport: (transport) => all.reduceRight((inner, one) => one.wrapTransport(inner), transport),
});

const isSet = (value: string | undefined): boolean => value !== undefined && value.trim() !== '';

/** Whether OpenTelemetry's environment variables enable traces. */
export function areTracesEnabled(environment: EnvironmentVariables): boolean {
  if (/^true$/iu.test(environment['OTEL_SDK_DISABLED']?.trim() ?? '')) return false;
  if (environment['OTEL_TRACES_EXPORTER']?.trim() === 'none') return false;
  return (
    isSet(environment['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']) ||
    isSet(environment['OTEL_EXPORTER_OTLP_ENDPOINT'])
  );
}
