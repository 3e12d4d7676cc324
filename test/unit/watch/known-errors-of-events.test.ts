import { completeDrafts } from '../../../src/watch/complete-drafts';
import { NO_EVENT_DETAILS } from '../../../src/watch/event-view';
import type { EventDraft } from '../../../src/watch/event-view';
import { readErrorText, type ErrorText } from '../../../src/model/error-text';
import { scene } from '../playbooks/server';

/** Known errors of events have the words for the platforms of their endpoints. */

const DNS = 'Failed to resolve: Name or service not known';
const CBT = 'Changed Block Tracking must be enabled';
/** Matches an entry of VMware, and after it an entry of all platforms. */
const TWICE = 'Failed to connect to server esxi-07:902: Connection refused';

const failed = (text: string): EventDraft => ({
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
  error: { text: readErrorText(text) as ErrorText, taskType: 'GET_INSTANCE_INFO' },
});

/** The known errors of events with these texts, and how often the server was asked for endpoints. */
async function told(texts: readonly string[], types: readonly [string, string] | 403) {
  const endpoints =
    types === 403
      ? 403
      : { endpoints: ['o', 'd'].map((id, index) => ({ id, name: id, type: types[index] })) };
  const { coriolis, requests } = scene({ '/endpoints': [[0, endpoints]] });
  const events = await completeDrafts(coriolis, texts.map(failed));
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

test('with the next error that matches where the first is one of another platform', async () => {
  const idsFor = async (type: string) =>
    (await told([TWICE], [type, 'openstack'])).known.map((known) => known?.id);
  expect(await idsFor('vmware_vsphere')).toEqual(['esxi-refused-902']);
  expect(await idsFor('aws')).toEqual(['endpoint-unreachable']);
});

test('with nothing of their error but what is shown', async () => {
  const { coriolis } = scene({ '/endpoints': [[0, 403]] });
  const [event] = await completeDrafts(coriolis, [failed(TWICE)]);
  expect(event).not.toHaveProperty('error');
});

test('an event without endpoints has errors of any platform', async () => {
  const { coriolis, requests } = scene({});
  const draft = { ...failed(CBT), origin_endpoint_id: null, destination_endpoint_id: null };
  const [event] = await completeDrafts(coriolis, [draft]);
  expect(event?.known_error?.id).toBe('cbt-not-active');
  expect(requests).toEqual([]);
});

test('with the words for any platform when the endpoints may not be read', async () => {
  const { known } = await told([CBT], 403);
  expect(known).toEqual([expect.objectContaining({ id: expect.stringContaining('cbt') })]);
});
