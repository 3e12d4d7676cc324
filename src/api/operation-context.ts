import { NO_PROGRESS, type Progress } from '../model/run-progress';
import type { ApiClient } from './api-client';
import type { CompletedChange } from './completed-changes';
import { redact } from '../model/redact-object';
import { quoteText } from '../model/untrusted-text';
import type { Runtime } from './core-runtime';

/** Progress message of a running operation. A wait sends one at each poll. */
export interface ProgressNote {
  /** Message for people: "db-01: REPLICATE_DISKS 41 %, about 22 min left". */
  readonly message: string;
  readonly progress: Progress;
}

/** Context of an operation: client, runtime, and the caller's signal. */
export interface Coriolis extends Runtime {
  readonly client: ApiClient;
  /** Cancellation signal of the caller. When it fires, waits end here, and the work on the server goes on. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Time at which the caller gives up, in milliseconds on `clock`. Reads that Coriolis answers from its own database end
   * then.
   */
  readonly deadline?: number | undefined;
  /** Signal that ends waits as if their timeout had passed, because the program is about to end. */
  readonly endWaitsSignal?: AbortSignal | undefined;
  /** Called when the server has carried out a change. */
  readonly onChange?: ((change: CompletedChange) => void) | undefined;
  /**
   * Object that stands for the login, as the key of caches. All clients with the same object share these caches. When
   * undefined, each client has caches of its own.
   */
  readonly loginKey?: object | undefined;
  /** Called with progress messages. Must not throw. */
  readonly reportProgress?: ((note: ProgressNote) => void) | undefined;
}

/** Parts of a context that belong to one caller, not to the connection. */
type CallerOptions = Pick<Coriolis, 'signal' | 'deadline' | 'endWaitsSignal' | 'reportProgress' | 'onChange'>;

const MAX_NOTE_LENGTH = 400;

/**
 * Wraps a report function so that its notes are redacted and shortened, because notes name machines and quote tasks.
 */
const redactedReport =
  (report: NonNullable<Coriolis['reportProgress']>): NonNullable<Coriolis['reportProgress']> =>
  ({ message, progress }) =>
    report({ message: quoteText(message, MAX_NOTE_LENGTH), progress: redact(progress) as Progress });

/**
 * The same context for one caller. Its signal ends every request and pause; its deadline ends reads that Coriolis
 * answers from its own database. Requests that Coriolis forwards to a platform are reported, because they take minutes.
 */
export function contextForCaller(
  coriolis: Coriolis,
  {
    signal,
    deadline,
    endWaitsSignal = coriolis.endWaitsSignal,
    reportProgress,
    onChange = coriolis.onChange,
  }: CallerOptions,
): Coriolis {
  const onPlatformRequest =
    reportProgress &&
    ((request: string): void =>
      reportProgress({
        message: `waiting for Coriolis, which asks the platform (${quoteText(request, 120)})`,
        progress: NO_PROGRESS,
      }));
  const client = coriolis.client.withoutDefaults.withDefaults({
    signal,
    deadline,
    onChange,
    onPlatformRequest,
  });
  return {
    ...coriolis,
    client,
    signal,
    deadline,
    endWaitsSignal,
    reportProgress: reportProgress && redactedReport(reportProgress),
    onChange,
  };
}

/** The same context with this deadline (milliseconds on the local clock), or with its own when that is earlier. */
export const contextWithDeadline = (coriolis: Coriolis, deadline: number): Coriolis =>
  contextForCaller(coriolis, { ...coriolis, deadline: Math.min(deadline, coriolis.deadline ?? deadline) });
