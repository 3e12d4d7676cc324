import type { CoriolisClient } from './client';
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
  readonly client: CoriolisClient;
  /** Signal that cancels the call. Work on the server continues. */
  readonly signal?: AbortSignal | undefined;
  /** Called with progress messages. Must not throw. */
  readonly report?: ((note: ProgressNote) => void) | undefined;
}
