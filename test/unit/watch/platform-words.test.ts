import { addEndpointNames } from '../../../src/watch/add-endpoint-names';
import { NO_EVENT_DETAILS } from '../../../src/watch/event-view';
import { eventKnownErrorKeys } from '../../../src/watch/render-event';
import type { WatchEvent } from '../../../src/watch/event-view';
import { readErrorText } from '../../../src/model/error-text';
import { scene } from '../playbooks/server';

/** Known errors of events have the words for the platforms of their endpoints. */

const DNS = 'Failed to resolve: Name or service not known';
const CBT = 'Changed Block Tracking must be enabled';

const failed = (text: string): WatchEvent => ({
  ...NO_EVENT_DETAILS,
  key: 'k',
  event: 'execution_finished',
  kind: 'execution',
  summary: 's',
  name: 'db-01',
  instances: ['db-01'],
  notes: null,
  scenario: null,
  status: 'ERROR',
  transfer_id: null,
  occurred_at: '2026-11-22T15:00:02Z',
  origin_endpoint_id: 'o',
  destination_endpoint_id: 'd',
  known_error: eventKnownErrorKeys(readErrorText(text), { taskType: 'GET_INSTANCE_INFO' }),
});

/** The known errors of events with these texts, and how often the server was asked for endpoints. */
async function told(texts: readonly string[], types: readonly [string, string] | 403) {
  const endpoints =
    types === 403
      ? 403
      : { endpoints: ['o', 'd'].map((id, index) => ({ id, name: id, type: types[index] })) };
  const { coriolis, requests } = scene({ '/endpoints': [[0, endpoints]] });
  const events = await addEndpointNames(coriolis, texts.map(failed));
  return { known: events.map(({ known_error: known }) => known), asked: requests.length };
}

test('with the remedy of VMware where one of the endpoints is VMware, from the list that has the names', async () => {
  const { known, asked } = await told([DNS, DNS], ['vmware_vsphere', 'openstack']);
  expect(known).toEqual([
    expect.objectContaining({ id: 'dns-failure', remedy: expect.stringContaining('ESXi') }),
    expect.objectContaining({ remedy: expect.stringContaining('ESXi') }),
  ]);
  expect(asked).toBe(1);
});

test('without an error that only another platform has', async () => {
  const { known } = await told([DNS, CBT], ['aws', 'openstack']);
  expect(known).toEqual([
    expect.objectContaining({ id: 'dns-failure', remedy: expect.not.stringContaining('ESXi') }),
    null,
  ]);
});

test('with the words for any platform when the endpoints may not be read', async () => {
  const { known } = await told([CBT], 403);
  expect(known).toEqual([expect.objectContaining({ id: expect.stringContaining('cbt') })]);
});
