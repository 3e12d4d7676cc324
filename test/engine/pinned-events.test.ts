import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { ManualClock } from '../../sandbox/world/clock';
import { eventsInPollOrder, type EventKind } from '../../src/watch/event-kinds';
import { eventView } from '../../src/watch/event-view';
import { node, type Poller } from '../support/engine';
import { readTemplate, templateFolder } from '../templates/stage';
import { locator, startLab, triggerType, type Lab } from './lab';

/**
 * The events of docs/sample-events.json, to be pinned in the editor: one of each kind, as the trigger gives them, and the one
 * that a workflow has pinned. `npm run events` writes both again, with SAMPLES=write.
 */

const FILE = join(__dirname, '../../docs/sample-events.json');
const TEMPLATE = 'alert-on-finished-executions';
const HOUR = 3600;

let lab: Lab;
let clock: ManualClock;
beforeAll(async () => {
  clock = new ManualClock(Date.UTC(2026, 10, 22, 8, 0, 30));
  lab = await startLab({ clock, speed: 50, tokenLifetimeMs: 1_000_000 * HOUR * 1000 });
});
afterAll(() => lab.stop());

async function newTransfer(instance: string, notes: string): Promise<string> {
  const [transfer] = await lab.rows('transfer.create', {
    originEndpointId: locator('vcenter'),
    destinationEndpointId: locator('openstack'),
    instances: [instance],
    destinationEnvironment: { migr_network: 'private' },
    notes,
  });
  return String(transfer?.['id']);
}

const start = async (transfer: string): Promise<unknown> =>
  lab.rows('execution.start', { transferId: locator(transfer) });

/** A trigger for one kind of event, which has been activated. */
async function activated(kind: string, more: INodeParameters = {}): Promise<Poller> {
  const parameters = { events: [kind], options: { webAddress: 'https://coriolis.example.com' }, ...more };
  const trigger = lab.engine.poller(node('Trigger', triggerType, parameters, lab.credential));
  await trigger.poll();
  return trigger;
}

/** The first event of some polls. */
async function first(trigger: Poller, seconds = HOUR): Promise<IDataObject> {
  for (let polls = 0; polls < 5; polls += 1) {
    clock.advance(seconds);
    const [event] = (await trigger.poll()) ?? [];
    if (event !== undefined) return event;
  }
  throw new Error('there was no event');
}

/** Makes an event of each kind happen, in the order of the kinds. */
async function sampleEvents(): Promise<IDataObject[]> {
  const [running, broken, stuck, late, planned] = [
    await newTransfer('slow-vm', 'Archive #nightly'),
    await newTransfer('fail-replication-vm', 'Web server #nightly'),
    await newTransfer('stuck-vm', 'Database #nightly'),
    await newTransfer('web-02', 'Shop #nightly'),
    await newTransfer('web-03', 'Mail #nightly'),
  ];
  const failing = await newTransfer('fail-deploy-vm', 'Intranet');
  await start(failing);
  clock.advance(2 * HOUR);
  const triggers = {
    deployment: await activated('deployment'),
    execution: await activated('execution'),
    execution_started: await activated('execution_started'),
    minion_pool_error: await activated('minion_pool_error'),
  };
  await start(running);
  const started = await first(triggers.execution_started, 60);
  await start(broken);
  const finished = await first(triggers.execution, 120);
  await lab.rows('deployment.create', { transferId: locator(failing) });
  const deployed = await first(triggers.deployment);
  await lab.rows('minionPool.create', {
    name: 'helpers',
    endpointId: locator('openstack'),
    platform: 'destination',
    osType: 'linux',
    environmentOptions: { migr_network: 'private', migr_flavor_name: 'no-such-flavor' },
  });
  const pool = await first(triggers.minion_pool_error);
  const stalled = await activated('execution_stalled');
  await start(stuck);
  const still = await first(stalled);
  await start(late);
  clock.advance(HOUR);
  const overdue = await activated('replica_overdue', {
    rpoHours: 3,
    filters: { transferId: locator(late) },
  });
  const old = await first(overdue);
  await lab.rows('schedule.create', { transferId: locator(planned), minute: 15 });
  const missing = await activated('schedule_missed', { filters: { transferId: locator(planned) } });
  lab.sandbox.faults.plan('silent-schedules');
  const missed = await first(missing, HOUR / 2);
  const found: Readonly<Record<EventKind, IDataObject>> = {
    deployment: deployed,
    execution: finished,
    execution_stalled: still,
    execution_started: started,
    minion_pool_error: pool,
    replica_overdue: old,
    schedule_missed: missed,
  };
  return eventsInPollOrder.map(({ kind }) => found[kind]);
}

const storedText = (): string => readFileSync(FILE, 'utf8');
const stored = (): IDataObject[] => JSON.parse(storedText()) as IDataObject[];

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gu;
const idsOf = (text: string): readonly string[] => [...new Set(text.match(UUID))];

/** Ids differ from run to run: those of the file in their places, so that only what has changed is written. */
function withStoredIds(found: readonly IDataObject[]): IDataObject[] {
  const text = JSON.stringify(found);
  const known = idsOf(storedText());
  const ids = new Map(idsOf(text).map((id, index) => [id, known[index] ?? id]));
  return JSON.parse(text.replaceAll(UUID, (id) => ids.get(id) ?? id)) as IDataObject[];
}

const failedIn = (events: readonly IDataObject[]): IDataObject | undefined =>
  events.find(({ event }) => event === 'execution_finished');

/** What the workflow that sends alerts has pinned. */
const pinOf = (events: readonly IDataObject[]) => ({
  'When something has finished': [{ json: failedIn(events) }],
});

function write(events: readonly IDataObject[]): void {
  const files = {
    [FILE]: events,
    [join(templateFolder, `${TEMPLATE}.json`)]: { ...readTemplate(TEMPLATE), pinData: pinOf(events) },
  };
  for (const [file, json] of Object.entries(files)) writeFileSync(file, JSON.stringify(json, undefined, 2));
}

test('there is one of each kind, as the trigger gives it', async () => {
  const found = withStoredIds(await sampleEvents());
  if (process.env['SAMPLES'] === 'write') write(found);

  for (const event of stored()) expect(Object.keys(event)).toEqual(Object.keys(eventView.shape));
  expect(stored()).toEqual(found);
});

test('the workflow that sends alerts has the failed one pinned', () => {
  expect(failedIn(stored())?.['outcome']).toBe('failed');
  expect(readTemplate(TEMPLATE)).toMatchObject({ pinData: pinOf(stored()) });
});
