import type { ServerContext } from '@modelcontextprotocol/server';
import type { ProgressNote } from '../../src/api/operation-context';

/** Maximum wait for a client that did not ask for progress. Known clients give up after 60 s, or later. */
export const MAX_WAIT_WITHOUT_PROGRESS_SECONDS = 45;
/** Maximum milliseconds between two progress notifications. */
const INTERVAL_MS = 10_000;

/** Progress notifications of one call. */
export interface ProgressHeartbeat {
  /** Whether the client asked for progress. */
  readonly isWanted: boolean;
  /** Sends a progress message, when the client asked for progress. */
  readonly sendProgress: (note: ProgressNote) => void;
  /** Latest progress message. */
  readonly lastMessage: () => string;
  readonly stop: () => void;
}

/**
 * Sends progress notifications to a client that asked for them: each note, and the last note again after
 * {@link INTERVAL_MS} without a new one, so that the client does not time out.
 *
 * @param initial message sent until the first one is reported
 */
export function startProgressHeartbeat({ mcpReq }: ServerContext, initial: string): ProgressHeartbeat {
  const progressToken = mcpReq._meta?.progressToken;
  let message = initial;
  const lastMessage = (): string => message;
  if (progressToken === undefined) {
    const report = (note: ProgressNote): void => void (message = note.message);
    return { isWanted: false, sendProgress: report, lastMessage, stop: () => undefined };
  }
  const begin = Date.now();
  let percent = 0;
  // The protocol wants progress to increase with every notification, also when the percentage did not change.
  let progress = 0;
  const send = (): void => {
    progress = Math.max(progress + 0.001, percent);
    const seconds = Math.round((Date.now() - begin) / 1000);
    // A client that disconnected ends the wait through its signal.
    void mcpReq
      .notify({
        method: 'notifications/progress',
        params: { progressToken, progress, total: 100, message: `${message} (${seconds} s)` },
      })
      .catch(() => undefined);
  };
  const timer = setInterval(send, INTERVAL_MS);
  return {
    isWanted: true,
    lastMessage,
    sendProgress: (note) => {
      message = note.message;
      percent = Math.min(note.progress.percent ?? percent, 99);
      timer.refresh();
      send();
    },
    stop: () => clearInterval(timer),
  };
}
