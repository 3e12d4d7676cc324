import type { ServerContext } from '@modelcontextprotocol/server';
import type { ProgressNote } from '../../src/api/coriolis';

/** What a client that hears nothing bears: every known one gives up after 60 s or later. */
export const SILENT_WAIT_SECONDS = 45;
/** A client that asked for progress hears something at least this often. */
const HEARTBEAT_MS = 10_000;

/** Tells a client how long work goes, as far as it asked to be told. */
export interface Heartbeat {
  /** Whether the client asked for progress. */
  readonly wanted: boolean;
  readonly report: (note: ProgressNote) => void;
  /** What was reported last. */
  readonly news: () => string;
  readonly stop: () => void;
}

/**
 * Passes progress on, and repeats the last news while there are none, so that no client takes silence for death.
 *
 * @param doing what to say before there is any news
 */
export function heartbeat(context: ServerContext, doing: string): Heartbeat {
  const token = context.mcpReq._meta?.progressToken;
  let message = doing;
  const news = (): string => message;
  if (token === undefined) {
    const report = (note: ProgressNote): void => void (message = note.message);
    return { wanted: false, report, news, stop: () => undefined };
  }
  const begin = Date.now();
  let percent = 0;
  // Progress has to increase with every message, also when nothing was achieved.
  let told = 0;
  const tell = (): void => {
    told = Math.max(told + 0.001, percent);
    const seconds = Math.round((Date.now() - begin) / 1000);
    // The client may have gone; the wait ends through its signal then.
    void context.mcpReq
      .notify({
        method: 'notifications/progress',
        params: { progressToken: token, progress: told, total: 100, message: `${message} (${seconds} s)` },
      })
      .catch(() => undefined);
  };
  const timer = setInterval(tell, HEARTBEAT_MS);
  return {
    wanted: true,
    news,
    report: (note) => {
      message = note.message;
      percent = Math.min(note.progress.percent ?? percent, 99);
      timer.refresh();
      tell();
    },
    stop: () => clearInterval(timer),
  };
}
