import type { Coriolis } from '../api/operation-context';
import { fetchEndpointNames } from '../facts/endpoint-names';
import { findKnownError } from '../facts/find-known-error';
import type { KnownError } from '../model/known-errors/match-known-error';
import { quoteText } from '../model/untrusted-text';
import type { EventDraft, WatchEvent } from './event-view';
import { MAX_EVENT_NAME_LENGTH } from './event-parts';

/**
 * Completes events with the names of their endpoints and with their known errors. Reads the list of endpoints, unless it
 * is cached.
 */
export async function completeDrafts(
  coriolis: Coriolis,
  drafts: readonly EventDraft[],
): Promise<readonly WatchEvent[]> {
  const ids = drafts.flatMap(({ origin_endpoint_id: origin, destination_endpoint_id: destination }) =>
    [origin, destination].filter((id) => id !== null),
  );
  const names = await fetchEndpointNames(coriolis, [...new Set(ids)]);
  const nameOf = (id: string | null): string | null =>
    quoteText(names.get(id ?? '') ?? '', MAX_EVENT_NAME_LENGTH) || null;
  return await Promise.all(
    drafts.map(async ({ error = null, ...event }) => ({
      ...event,
      known_error: knownErrorOfEvent(
        error === null ? undefined : await findKnownError(coriolis, error, event),
      ),
      origin_endpoint_name: nameOf(event.origin_endpoint_id),
      destination_endpoint_name: nameOf(event.destination_endpoint_id),
    })),
  );
}

/** A known error as events show it; null for none. */
function knownErrorOfEvent(known: KnownError | undefined): WatchEvent['known_error'] {
  if (known === undefined) return null;
  const { id, title, cause, remedy, retry } = known;
  return { id, title, explanation: cause, remedy, retry };
}
