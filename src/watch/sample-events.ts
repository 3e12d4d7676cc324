import type { Coriolis } from '../api/operation-context';
import type { EventDraft, WatchEvent } from './event-view';
import { defaultEventKinds, eventsInPollOrder, withDefaultSettings } from './event-kinds';
import { acceptsEvent } from './event-filter';
import { completeDrafts } from './complete-drafts';
import { completeEvent } from './complete-event';
import { redactEvent } from './event-parts';
import { runSteps, type WatchOptions } from './poll-watch';

export type SampleOptions = Omit<WatchOptions, 'scope'>;

/**
 * Finds recent events as examples: of each chosen kind the newest that the filter accepts, if there is one. Needs no
 * cursor. Only a part is searched: the 50 transfers and deployments that changed last, and the schedules of 20
 * transfers.
 */
export async function fetchSampleEvents(
  coriolis: Coriolis,
  options: SampleOptions = {},
): Promise<readonly WatchEvent[]> {
  const { kinds = defaultEventKinds, filter = {}, webAddress } = options;
  const found: EventDraft[] = [];
  for (const kind of kinds) {
    const event = eventsInPollOrder.find((one) => one.kind === kind);
    if (event === undefined) continue;
    const { accepts, render, sample } = event;
    const isAccepted = (finding: unknown) =>
      accepts(finding, filter) && acceptsEvent(render(finding), filter);
    const settingValues = withDefaultSettings(event.settings, options);
    const sampleInput = { settingValues, filter, localNow: coriolis.clock(), accepts: isAccepted };
    const newest = (await runSteps(coriolis, sample(sampleInput)))
      .filter(isAccepted)
      .map((finding) => ({ finding, event: render(finding) }))
      .toSorted((a, b) => (a.event.occurred_at ?? '').localeCompare(b.event.occurred_at ?? ''))
      .at(-1);
    if (newest === undefined) continue;
    found.push(await completeEvent(coriolis, event, newest.finding, newest.event, webAddress));
  }
  return (await completeDrafts(coriolis, found)).map(redactEvent);
}
