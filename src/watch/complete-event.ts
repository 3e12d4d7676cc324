import type { Coriolis } from '../api/operation-context';
import { makeWebPageUrl } from '../model/web-page-url';
import type { AnyEventDefinition } from './define-event';
import type { EventDraft } from './event-view';

/**
 * Completes the rendered event of a finding: adds its explanation, which may cost requests, and the link to its page in
 * the web interface at `address`.
 */
export async function completeEvent(
  coriolis: Coriolis,
  { explain, page }: AnyEventDefinition,
  finding: unknown,
  rendered: EventDraft,
  address = '',
): Promise<EventDraft> {
  const event = (await explain?.(coriolis, rendered, finding)) ?? rendered;
  if (address.trim() === '') return event;
  const [object, id] = page(finding);
  const isLegacy = coriolis.client.generationInUse === 'legacy';
  return { ...event, link: makeWebPageUrl(address, object, id, isLegacy) };
}
