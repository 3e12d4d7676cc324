import type { Coriolis } from '../api/coriolis';
import { fetchEndpointNames } from '../lookup/endpoint-names';
import { quoteText } from '../model/untrusted-text';
import type { WatchEvent } from './event-view';
import { MAX_EVENT_NAME_LENGTH } from './render-event';

/** Adds the names of the endpoints to events. Reads the list of endpoints, unless the names are cached. */
export async function addEndpointNames(
  coriolis: Coriolis,
  events: readonly WatchEvent[],
): Promise<readonly WatchEvent[]> {
  const ids = events.flatMap(({ origin_endpoint_id: origin, destination_endpoint_id: destination }) =>
    [origin, destination].filter((id) => id !== null),
  );
  const names = await fetchEndpointNames(coriolis, [...new Set(ids)]);
  const nameOf = (id: string | null): string | null =>
    quoteText(names.get(id ?? '') ?? '', MAX_EVENT_NAME_LENGTH) || null;
  return events.map((event) => ({
    ...event,
    origin_endpoint_name: nameOf(event.origin_endpoint_id),
    destination_endpoint_name: nameOf(event.destination_endpoint_id),
  }));
}
