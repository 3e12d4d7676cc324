import { CoriolisClient, type RetryPolicy } from '../../src/api/client';
import type { Coriolis, Runtime } from '../../src/coriolis';
import { abortableSleep } from './sleep';
import { NodeTransport, type NodeContext } from './transport';

const runtime: Runtime = { clock: () => Date.now(), sleep: abortableSleep, random: () => Math.random() };

interface Patience {
  /** Most milliseconds for one request. */
  readonly timeoutMs?: number;
  readonly retry?: Partial<RetryPolicy>;
}

/** What operations work with, on n8n's helpers. */
export function coriolisFor(
  context: NodeContext,
  { timeoutMs, retry }: Patience = {},
  rest: Pick<Coriolis, 'report'> & { readonly signal?: AbortSignal | undefined } = {},
): Coriolis {
  return {
    ...runtime,
    client: new CoriolisClient({
      transport: new NodeTransport(context, timeoutMs),
      runtime,
      ...(retry === undefined ? {} : { retry }),
    }),
    ...(rest.signal === undefined ? {} : { signal: rest.signal }),
    ...(rest.report === undefined ? {} : { report: rest.report }),
  };
}
