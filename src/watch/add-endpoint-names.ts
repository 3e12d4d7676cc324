import type { Coriolis } from '../api/operation-context';
import { fetchEndpointNames, fetchEndpointTypes } from '../lookup/endpoint-names';
import { quoteText } from '../model/untrusted-text';
import type { WatchEvent } from './event-view';
import { MAX_EVENT_NAME_LENGTH, withWordsForPlatforms } from './render-event';

/**
 * Adds the names of the endpoints to events, and gives known errors the words for their platforms. Reads the list of
 * endpoints, unless it is cached.
 */
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
  // From the same reading as the names.
  const types = await fetchEndpointTypes(coriolis, []);
  return events.map((event) => {
    const { origin_endpoint_id: origin, destination_endpoint_id: destination } = event;
    return {
      ...withWordsForPlatforms(event, types),
      origin_endpoint_name: nameOf(origin),
      destination_endpoint_name: nameOf(destination),
    };
  });
}
