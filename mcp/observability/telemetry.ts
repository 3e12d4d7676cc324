import type { ServerContext } from '@modelcontextprotocol/server';
import type { Environment } from '../../src/api/settings';
import type { Transport } from '../../src/api/transport';
import type { Caller } from '../caller/caller';

/** A question of a client, as far as measurements may know it: no arguments, no results. */
export interface CallFacts {
  /** The method of the protocol: `tools/call`, `resources/read` … */
  readonly method: string;
  /** What is called, when it is a tool. */
  readonly tool?: string;
  /** Whether it waits for work on the server. */
  readonly waits: boolean;
  readonly caller: Caller;
  /** A text that the client sent beside the arguments under this name, in `_meta` or else as a header. */
  readonly sent: (name: string) => string | undefined;
}

/** What watches the server at work: metrics, traces. */
export interface Telemetry {
  /** Runs a call and notes how it went. Results and errors pass unchanged. */
  call<Result>(facts: CallFacts, run: () => Promise<Result>): Promise<Result>;
  /** A transport whose requests are noted. */
  transport(transport: Transport): Transport;
}

/** Notes how the answer to a question other than a call of a tool went. */
export type Observe = <Result>(
  method: string,
  context: ServerContext,
  run: () => Promise<Result>,
) => Promise<Result>;

/** Several as one: the first is the outermost. None notes nothing. */
export const together = (all: readonly Telemetry[]): Telemetry => ({
  call: (facts, run) => all.reduceRight<typeof run>((inner, one) => () => one.call(facts, inner), run)(),
  transport: (transport) => all.reduceRight((inner, one) => one.transport(inner), transport),
});

const set = (value: string | undefined): boolean => value !== undefined && value.trim() !== '';

/** Whether OpenTelemetry's variables say where traces go, and none of them that there are to be none. */
export function wantsTraces(environment: Environment): boolean {
  if (/^true$/iu.test(environment['OTEL_SDK_DISABLED']?.trim() ?? '')) return false;
  if (environment['OTEL_TRACES_EXPORTER']?.trim() === 'none') return false;
  return (
    set(environment['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']) || set(environment['OTEL_EXPORTER_OTLP_ENDPOINT'])
  );
}
