import type { CoriolisClient } from './client';
import type { Progress } from '../model/progress';
import type { Runtime } from './runtime';

/** Something worth telling while an operation runs; for a wait, one note per look. */
export interface ProgressNote {
  /** One line for people: "db-01: REPLICATE_DISKS 41 %, about 22 min left". */
  readonly message: string;
  readonly progress: Progress;
}

/** What an operation works with: the server, the clock, and the caller's patience. */
export interface Coriolis extends Runtime {
  readonly client: CoriolisClient;
  /** Fires when the caller gives up. Waiting ends; the work on the server goes on. */
  readonly signal?: AbortSignal | undefined;
  /** Receives news of long work. Must not throw. */
  readonly report?: ((note: ProgressNote) => void) | undefined;
}
