import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { parseServerTime } from '../../src/model/timestamps';
import { node, type Poller } from '../support/engine';
import { locator, nextEvents, startLab, triggerType, type Lab } from './lab';

/** The polling trigger: each end of an execution or deployment is told once, whatever happens in between. */

let lab: Lab;
beforeEach(async () => {
  lab = await startLab();
});
afterEach(() => lab.stop());

const poller = (parameters: INodeParameters = {}, saved?: IDataObject): Poller =>
  lab.engine.poller(node('Trigger', triggerType, parameters, lab.credential), saved);

async function newTransfer(instance: string): Promise<string> {
  const [transfer] = await lab.rows('transfer.create', {
    originEndpointId: locator('vcenter'),
    destinationEndpointId: locator('openstack'),
    instances: [instance],
    destinationEnvironment: { migr_network: 'private' },
  });
  return String(transfer?.['id']);
}

/** Executes a transfer to its end and returns the id of the execution. */
async function executed(transfer: string): Promise<string> {
  const transferId = locator(transfer);
  const [execution] = await lab.rows('execution.start', { transferId });
  const executionId = locator(String(execution?.['id']));
  await lab.rows('execution.wait', { transferId, executionId, timeoutSeconds: 60 });
  return String(execution?.['id']);
}

const always = 1_000;
const down = { times: always, fault: { kind: 'reset' } } as const;

test('the first poll replays nothing; then every end is one event, flat and complete', async () => {
  const trigger = poller();
  const transfer = await newTransfer('web-02');

  const baseline = await trigger.poll();
  const execution = await executed(transfer);
  const events = await nextEvents(trigger);
  const after = await trigger.poll();

  expect(baseline).toBeNull();
  expect(events).toEqual([
    expect.objectContaining({
      key: execution,
      kind: 'execution',
      outcome: 'completed',
      transfer_id: transfer,
      instances: ['web-02'],
      failure: null,
    }),
  ]);
  expect(after).toBeNull();
});

test('a deployment is told as well, and a failure names its task', async () => {
  const trigger = poller();
  const transfer = await newTransfer('fail-deploy-vm');
  await executed(transfer);
  await trigger.poll();

  const [deployment] = await lab.rows('deployment.create', { transferId: locator(transfer) });
  await lab.rows('deployment.wait', {
    deploymentId: locator(String(deployment?.['id'])),
    timeoutSeconds: 60,
  });
  const events = await nextEvents(trigger);

  expect(events).toEqual([
    expect.objectContaining({
      kind: 'deployment',
      deployment_id: deployment?.['id'],
      outcome: 'failed',
      failure: expect.objectContaining({ task_type: expect.any(String), message: expect.any(String) }),
    }),
  ]);
});

test('polls that overlap tell one event once', async () => {
  const trigger = poller();
  const transfer = await newTransfer('web-02');
  await trigger.poll();
  const execution = await executed(transfer);
  await new Promise((resolve) => setTimeout(resolve, 2_500));

  const overlapping = await Promise.all([trigger.poll(), trigger.poll(), trigger.poll()]);

  const told = overlapping.flatMap((events) => events ?? []);
  expect(told.map(({ key }) => key)).toEqual([execution]);
});

test('filters choose by kind, outcome, transfer, endpoint and scenario', async () => {
  const [good, bad] = [await newTransfer('web-03'), await newTransfer('fail-replication-vm')];
  const matching = [
    poller({ events: ['execution'], filters: { outcomes: ['failed'] } }),
    poller({ filters: { transferId: locator(bad) } }),
    poller({ filters: { endpointId: locator('vcenter'), outcomes: ['failed', 'canceled'] } }),
    poller({ filters: { scenarios: ['replica'], types: ['transfer_execution'], outcomes: ['failed'] } }),
  ];
  const others = [
    poller({ events: ['deployment'] }),
    poller({ filters: { scenarios: ['live_migration'] } }),
    poller({ filters: { types: ['transfer_update'] } }),
  ];
  for (const each of [...matching, ...others]) await each.poll();

  await executed(good);
  const failed = await executed(bad);

  for (const each of matching) {
    expect((await nextEvents(each)).map(({ key }) => key)).toEqual([failed]);
  }
  for (const each of others) expect(await each.poll()).toBeNull();
});

test('"fetch test event" shows a recent event and leaves no trace', async () => {
  const trigger = poller({ events: ['execution'] });

  const sample = await trigger.fetchTestEvent();

  expect(sample).toEqual([expect.objectContaining({ kind: 'execution', finished_at: expect.any(String) })]);
  // What a table shows first.
  expect(Object.keys(sample?.[0] ?? {}).slice(0, 3)).toEqual(['event', 'summary', 'outcome']);
  expect(trigger.saved()).toEqual({});
});

test('"fetch test event" says so when there is nothing to show', async () => {
  const trigger = poller({ filters: { scenarios: ['live_migration'] } });

  await expect(trigger.fetchTestEvent()).rejects.toThrow('No recent event passes the filters');
});

test('a restart goes on where the saved static data ends', async () => {
  const first = poller();
  const transfer = await newTransfer('web-02');
  await first.poll();
  const saved = first.saved();

  const execution = await executed(transfer);
  const second = poller({}, saved);
  const events = await nextEvents(second);
  const third = poller({}, second.saved());

  expect(events.map(({ key }) => key)).toEqual([execution]);
  expect(await third.poll()).toBeNull();
  expect(JSON.stringify(saved).length).toBeLessThan(5_000);
});

test('what the first version of the trigger kept is read, without a replay or a gap', async () => {
  const transfer = await newTransfer('web-02');
  await executed(transfer);
  const [row] = (await lab.rows('transfer.getAll')).filter(({ id }) => id === transfer);
  const { auth_url, project, project_domain } = lab.sandbox.connection;
  const high = parseServerTime(String(row?.['updated_at'])) ?? 0;
  const t0 = high - 600_000;
  const whose = { name: project, domain: { name: project_domain } };
  const selection = { serviceType: 'migration', interface: 'public' };

  const execution = await executed(transfer);
  const trigger = poller(
    {},
    {
      'node:Trigger': {
        cursor: {
          version: 1,
          scope: JSON.stringify([auth_url, whose, selection]),
          executions: { t0, high, known: { [transfer]: { u: high, s: 'COMPLETED', n: 1 } } },
          deployments: { t0, high, done: {} },
        },
        failures: 0,
      },
    },
  );

  expect((await nextEvents(trigger)).map(({ key }) => key)).toEqual([execution]);
  expect(await trigger.poll()).toBeNull();
});

test('passing trouble is tolerated five polls long, loses nothing, and is told after that', async () => {
  const trigger = poller();
  const transfer = await newTransfer('web-02');
  await trigger.poll();
  const execution = await executed(transfer);

  const restore = lab.sandbox.faults.add(down);
  for (let polls = 1; polls <= 5; polls += 1) expect(await trigger.poll()).toBeNull();
  await expect(trigger.poll()).rejects.toThrow(/closed the connection/);
  restore();
  const events = await nextEvents(trigger);

  expect(events.map(({ key }) => key)).toEqual([execution]);
});

test('an activation that cannot reach the server fails', async () => {
  lab.sandbox.faults.add(down);

  await expect(poller().poll()).rejects.toThrow(/closed the connection/);
});

test('wrong credentials are told at once, as such', async () => {
  const trigger = poller();
  await trigger.poll();
  const before = trigger.saved();
  lab.engine.credentials.edit(lab.credential, { password: 'changed meanwhile' });

  await expect(trigger.poll()).rejects.toMatchObject({
    name: 'NodeApiError',
    httpCode: '401',
    message: expect.stringContaining('Keystone refused'),
  });
  expect(trigger.saved()).toEqual(before);
});

test('another project begins anew, and says so once as a failed execution', async () => {
  const trigger = poller();
  await trigger.poll();
  const { other } = lab.sandbox.connection;
  lab.engine.credentials.edit(lab.credential, {
    userName: other.username,
    password: other.password,
    projectName: other.project,
  });

  expect(await trigger.poll()).toBeNull();
  expect(await trigger.poll()).toBeNull();

  expect(JSON.stringify(trigger.saved())).toContain(other.project);
  expect(trigger.failures().map(({ message }) => message)).toEqual([
    expect.stringContaining(
      'The watch began anew, because its stored state belongs to another server or project',
    ),
  ]);
});

test('another spelling of the address loses nothing', async () => {
  const trigger = poller();
  const transfer = await newTransfer('web-02');
  await trigger.poll();
  const execution = await executed(transfer);

  lab.engine.credentials.edit(lab.credential, { authUrl: `${lab.sandbox.connection.auth_url}/` });
  const events = await nextEvents(trigger);

  expect(events.map(({ key }) => key)).toEqual([execution]);
  expect(trigger.failures()).toEqual([]);
});

test('a damaged state heals, and says so once', async () => {
  const transfer = await newTransfer('web-02');
  const first = poller();
  await first.poll();
  const saved = first.saved() as { 'node:Trigger': { cursor: { executions: object }; failures: unknown } };
  Object.assign(saved['node:Trigger'].cursor.executions, { known: { [transfer]: { u: 'x', s: null } } });
  saved['node:Trigger'].failures = 'x';
  const trigger = poller({}, saved);

  expect(await trigger.poll()).toBeNull();
  const execution = await executed(transfer);
  const events = await nextEvents(trigger);

  expect(events.map(({ key }) => key)).toEqual([execution]);
  expect(trigger.failures().map(({ message }) => message)).toEqual([
    expect.stringContaining('Execution Finished began anew, because its stored state is damaged'),
  ]);
});

/** Requests since they were last cleared, without the project in their paths. */
const requestsOfPoll = (): readonly string[] =>
  lab.sandbox.requests.entries.map(({ method, path }) => `${method} ${path.replace(/^.*\/v1\/[^/]+/u, '')}`);

test('a quiet poll costs one small request for each kind', async () => {
  const trigger = poller();
  await trigger.poll();
  lab.sandbox.requests.clear();

  await trigger.poll();

  expect(requestsOfPoll()).toEqual([
    expect.stringMatching(/^GET \/transfers\?.*limit=20/),
    expect.stringMatching(/^GET \/deployments\?.*limit=20/),
  ]);
});

test('a name in a filter is looked up in the list once; later polls look at its object only', async () => {
  const [transfer] = await lab.rows('transfer.create', {
    originEndpointId: locator('vcenter'),
    destinationEndpointId: locator('openstack'),
    instances: ['web-02'],
    destinationEnvironment: { migr_network: 'private' },
    notes: 'nightly of web-02',
  });
  const trigger = poller({ events: ['execution'], filters: { transferId: locator('nightly of web-02') } });
  await trigger.poll();
  lab.sandbox.requests.clear();

  await trigger.poll();

  expect(requestsOfPoll()).toEqual([
    `GET /transfers/${String(transfer?.['id'])}`,
    expect.stringMatching(/^GET \/transfers\?.*limit=20/),
  ]);
});
