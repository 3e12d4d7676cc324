import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { ManualClock } from '../../sandbox/world/clock';
import { node, type Poller } from '../support/engine';
import { locator, startLab, triggerType, type Lab } from './lab';

/** Each kind of event through the real engine, on both generations of servers; the sandbox's clock is moved by hand. */

const HOUR = 3600;
const always = 1_000_000 * HOUR * 1000;

let lab: Lab;
let clock: ManualClock;

async function begin(generation: 'current' | 'legacy'): Promise<void> {
  clock = new ManualClock(Date.UTC(2026, 10, 22, 8, 0, 30));
  lab = await startLab({ generation, clock, speed: 50, tokenLifetimeMs: always });
}
afterEach(() => lab.stop());

const poller = (parameters: INodeParameters): Poller =>
  lab.engine.poller(node('Trigger', triggerType, parameters, lab.credential));

async function newTransfer(instance: string, notes = ''): Promise<string> {
  const [transfer] = await lab.rows('transfer.create', {
    originEndpointId: locator('vcenter'),
    destinationEndpointId: locator('openstack'),
    instances: [instance],
    destinationEnvironment: { migr_network: 'private' },
    ...(notes === '' ? {} : { notes }),
  });
  return String(transfer?.['id']);
}

async function start(transfer: string): Promise<string> {
  const [execution] = await lab.rows('execution.start', { transferId: locator(transfer) });
  return String(execution?.['id']);
}

/** The events of some polls, with time between them. */
async function eventsOf(trigger: Poller, { polls = 3, seconds = 60 } = {}): Promise<readonly IDataObject[]> {
  const events: IDataObject[] = [];
  for (let poll = 0; poll < polls; poll += 1) {
    clock.advance(seconds);
    events.push(...((await trigger.poll()) ?? []));
  }
  return events;
}

describe.each(['current', 'legacy'] as const)('on a %s server', (generation) => {
  beforeEach(() => begin(generation));

  test('a run is told when it begins and when it has ended, also when both lie between two polls', async () => {
    const trigger = poller({ events: ['execution', 'execution_started'] });
    const transfer = await newTransfer('web-02');
    await trigger.poll();

    const execution = await start(transfer);
    clock.advance(2 * HOUR);

    expect(await eventsOf(trigger)).toEqual([
      expect.objectContaining({ event: 'execution_started', key: `${execution}@started`, outcome: null }),
      expect.objectContaining({ event: 'execution_finished', key: execution, outcome: 'completed' }),
    ]);
  });

  test('a run that does not get on is told once, with what it was doing', async () => {
    const trigger = poller({ events: ['execution_stalled'], stallMinutes: 45 });
    const transfer = await newTransfer('stuck-vm', 'Project Alpha #nightly');
    await trigger.poll();

    const execution = await start(transfer);
    clock.advance(HOUR);

    expect(await eventsOf(trigger, { seconds: HOUR })).toEqual([
      expect.objectContaining({
        event: 'execution_stalled',
        execution_id: execution,
        transfer_id: transfer,
        status: 'RUNNING',
        // No answer of a poll tells the sizes of the disks.
        percent: null,
        reason: expect.stringContaining('REPLICATE_DISKS'),
        summary: expect.stringMatching(/Project Alpha #nightly has made no progress for 45 min/u),
      }),
    ]);
  });

  test('a replica is told when it gets older than its RPO, and again after the next sync', async () => {
    const transfer = await newTransfer('web-02');
    const trigger = poller({
      events: ['replica_overdue'],
      rpoHours: 3,
      filters: { transferId: locator(transfer) },
      options: { webAddress: 'https://coriolis.example.com/' },
    });
    await start(transfer);
    clock.advance(HOUR);
    await trigger.poll();

    expect(await eventsOf(trigger, { polls: 2 })).toEqual([]);
    const first = await eventsOf(trigger, { seconds: 2 * HOUR });
    await start(transfer);
    const second = await eventsOf(trigger, { polls: 5, seconds: HOUR });

    expect(first).toEqual([
      expect.objectContaining({
        event: 'replica_overdue',
        transfer_id: transfer,
        last_sync_at: expect.stringMatching(/^2026-11-22T0/u),
        last_copy_at: expect.stringMatching(/^2026-11-22T0/u),
        last_copy_age_seconds: 3 * 3600,
        no_copy_reason: null,
        summary: 'The last usable copy of web-02 is 3 h 00 min old.',
        link: `https://coriolis.example.com/${generation === 'legacy' ? 'replicas' : 'transfers'}/${transfer}`,
      }),
    ]);
    expect(second.map(({ event }) => event)).toEqual(['replica_overdue']);
    expect(second[0]?.['key']).not.toBe(first[0]?.['key']);
  });

  test('a planned run that does not happen is told once for each planned time, with the reason when it shows', async () => {
    const [idle, busy] = [await newTransfer('web-02'), await newTransfer('stuck-vm')];
    for (const transfer of [idle, busy]) {
      await lab.rows('schedule.create', {
        transferId: locator(transfer),
        minute: 15,
      });
    }
    const trigger = poller({
      events: ['schedule_missed'],
      graceMinutes: 5,
      filters: { transferIds: [idle, busy] },
    });
    await trigger.poll();

    const running = await start(busy);
    const planned = await eventsOf(trigger, { polls: 3, seconds: HOUR / 2 });
    const silent = lab.sandbox.faults.plan('silent-schedules');
    const missed = await eventsOf(trigger, { polls: 2, seconds: HOUR / 2 });
    lab.sandbox.faults.remove(silent.id);

    expect(planned).toEqual([
      expect.objectContaining({
        event: 'schedule_missed',
        transfer_id: busy,
        execution_id: running,
        occurred_at: '2026-11-22T08:15:00Z',
        reason: expect.stringContaining('#1 was going on'),
      }),
      expect.objectContaining({ transfer_id: busy, occurred_at: '2026-11-22T09:15:00Z' }),
    ]);
    expect(missed.map((event) => [event['transfer_id'], event['occurred_at']]).toSorted()).toEqual(
      [
        [busy, '2026-11-22T10:15:00Z'],
        [idle, '2026-11-22T10:15:00Z'],
      ].toSorted(),
    );
    expect(missed.find(({ transfer_id }) => transfer_id === idle)).toMatchObject({
      schedule_id: expect.any(String),
      execution_id: null,
      reason: expect.stringContaining('Nothing shows why'),
    });
  });

  test('a minion pool that fails is told once, with its error', async () => {
    const trigger = poller({ events: ['minion_pool_error'] });
    await trigger.poll();

    const [pool] = await lab.rows('minionPool.create', {
      name: 'helpers',
      endpointId: locator('openstack'),
      platform: 'destination',
      osType: 'linux',
      environmentOptions: { migr_network: 'private', migr_flavor_name: 'no-such-flavor' },
    });

    expect(await eventsOf(trigger)).toEqual([
      expect.objectContaining({
        event: 'minion_pool_error',
        kind: 'minion_pool',
        minion_pool_id: pool?.['id'],
        name: 'helpers',
        reason: expect.stringContaining('no-such-flavor'),
        transfer_id: null,
      }),
    ]);
  });
});

describe('the form', () => {
  beforeEach(() => begin('current'));

  test('narrows by notes, tag and either endpoint', async () => {
    const alpha = await newTransfer('web-02', 'Project Alpha, wave 2 #nightly');
    const beta = await newTransfer('web-03', 'Project Beta #nightlyish');
    const filters = [
      { notes: 'project alpha' },
      { tag: '#Nightly' },
      { originEndpointId: locator('vcenter'), notes: 'Alpha' },
      { destinationEndpointId: locator('vcenter') },
    ];
    const triggers = filters.map((filter) => poller({ events: ['execution_started'], filters: filter }));
    for (const trigger of triggers) await trigger.poll();

    for (const transfer of [alpha, beta]) await start(transfer);
    clock.advance(60);
    const told = await Promise.all(triggers.map(async (trigger) => (await trigger.poll()) ?? []));

    expect(told.map((events) => events.map(({ transfer_id }) => transfer_id))).toEqual([
      [alpha],
      [alpha],
      [alpha],
      [],
    ]);
  });

  test('"fetch test event" shows an example of each kind of which there is one', async () => {
    const transfer = await newTransfer('stuck-vm');
    await start(transfer);
    clock.advance(2 * HOUR);
    const trigger = poller({
      events: ['execution', 'execution_started', 'execution_stalled', 'minion_pool_error'],
    });

    const examples = await trigger.fetchTestEvent();

    expect(examples?.map(({ event }) => event)).toEqual([
      'execution_finished',
      'execution_started',
      'execution_stalled',
    ]);
    expect(trigger.saved()).toEqual({});
  });

  test('refuses a limit and an event that do not exist, by name', async () => {
    await expect(poller({ events: ['replica_overdue'], rpoHours: 0 }).poll()).rejects.toThrow(
      'RPO in Hours must be a whole number, from 1 to 8760; got 0',
    );
    await expect(poller({ events: ['execution', 'execution_begun'] }).poll()).rejects.toThrow(
      'Events cannot be execution_begun',
    );
  });
});
