import type { IPollFunctions } from 'n8n-workflow';

/**
 * Keeps apart polls of one trigger that run at once. The timers of n8n give all polls the same object as their state, so the
 * first that ends changes it for the others. The durable scheduler gives each poll a copy of what is stored, and stores what
 * each of them returns: two poll times at one moment, or a poll that is repeated after a crash beside a regular one, would
 * tell the same events twice. It does not order them, so the polls of this process are ordered here.
 */

/** State that a poll has given to n8n to be stored. */
interface Handover {
  /** State object that n8n gave the poll; polls with the same object do not make each other out of date. */
  readonly data: object;
  /** Cursor that the poll began with, as JSON. */
  readonly begin: string;
  /** Time of the hand-over, in milliseconds since 1970. */
  readonly at: number;
}

/**
 * Time in milliseconds that n8n has to store a state. A poll that begins within it may have been given the state before;
 * n8n reads the state before it calls the node.
 */
const STORING_MS = 10_000;
/** Age in milliseconds at which a hand-over is forgotten. n8n abandons polls after 45 s. */
const FORGOTTEN_MS = 300_000;

/** Latest hand-overs by trigger. */
const handovers = new Map<string, readonly Handover[]>();

/** Place of one poll among the polls of its trigger that run at once. */
export interface ConcurrentPoll {
  /** Whether the result of this poll is out of date, because another poll has begun with the same state and stored a new one. */
  isOutdated(): boolean;
  /** Remembers that this poll gives `cursor` to n8n to be stored. The caller must return to n8n without waiting. */
  recordHandover(cursor: object): void;
}

/** Takes the turn of a poll when it begins. @param data its state as n8n gives it @param begin cursor in that state */
export function beginConcurrentPoll(
  context: IPollFunctions,
  data: object,
  begin: object | undefined,
): ConcurrentPoll {
  const { id, name } = context.getNode();
  // Names are unique in a workflow, ids need not be: a file that was written by hand may repeat them.
  const key = [context.getWorkflow().id ?? '', id, name].join(':');
  const startedAt = Date.now();
  return {
    isOutdated: () =>
      (handovers.get(key) ?? []).some(
        (other) =>
          other.data !== data && other.at > startedAt - STORING_MS && other.begin === JSON.stringify(begin),
      ),
    recordHandover(cursor) {
      const now = Date.now();
      for (const [each, known] of handovers) {
        const kept = known.filter(({ at }) => now - at < FORGOTTEN_MS);
        if (kept.length === 0) handovers.delete(each);
        else handovers.set(each, kept);
      }
      // The first poll reports nothing, and an equal state is no change: neither makes another poll out of date.
      if (begin === undefined || JSON.stringify(begin) === JSON.stringify(cursor)) return;
      handovers.set(key, [...(handovers.get(key) ?? []), { data, begin: JSON.stringify(begin), at: now }]);
    },
  };
}
