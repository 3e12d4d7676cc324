import type { ApiClient } from './api-client';
import type { Progress } from '../model/progress';
import type { Runtime } from './runtime';

/** Progress message of a running operation; a wait sends one for each poll. */
export interface ProgressNote {
  /** Message for people: "db-01: REPLICATE_DISKS 41 %, about 22 min left". */
  readonly message: string;
  readonly progress: Progress;
}

/** Context of an operation: client, runtime, and the caller's signal. */
export interface Coriolis extends Runtime {
  readonly client: ApiClient;
  /** Signal of a caller that gives up: waits end, and the work on the server continues. */
  readonly signal?: AbortSignal | undefined;
  /** Signal that ends waits as if their timeout had passed, because the program is about to end. */
  readonly endWaits?: AbortSignal | undefined;
  /** Called with progress messages. Must not throw. */
  readonly report?: ((note: ProgressNote) => void) | undefined;
}

/** The same context for one caller: every request and pause ends when `signal` fires. */
export const withSignal = (coriolis: Coriolis, signal: AbortSignal | undefined): Coriolis => ({
  ...coriolis,
  client: coriolis.client.origin.under(signal),
  signal,
});
