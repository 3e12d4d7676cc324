import type { Transport } from '../src/api/transport';
import type { Caller } from './caller';

/** A call of a tool, as far as measurements may know it: no arguments, no results. */
export interface CallFacts {
  readonly tool: string;
  /** Whether it waits for work on the server. */
  readonly waits: boolean;
  readonly caller: Caller;
  /** What the client sent beside the arguments: trace context, for one. */
  readonly meta: Readonly<Record<string, unknown>> | undefined;
}

/** What watches the server at work: metrics, traces. */
export interface Telemetry {
  /** Runs a call and notes how it went. Results and errors pass unchanged. */
  call<Result>(facts: CallFacts, run: () => Promise<Result>): Promise<Result>;
  /** A transport whose requests are noted. */
  transport(transport: Transport): Transport;
}

/** Several as one: the first is the outermost. None notes nothing. */
export const together = (all: readonly Telemetry[]): Telemetry => ({
  call: (facts, run) => all.reduceRight<typeof run>((inner, one) => () => one.call(facts, inner), run)(),
  transport: (transport) => all.reduceRight((inner, one) => one.transport(inner), transport),
});
