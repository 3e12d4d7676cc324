import type { INodeParameters } from 'n8n-workflow';
import { locator, startLab, type Lab } from './lab';

/** "Wait for Completion" of the operations that start work. */

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

const moveOf = (machine: string): INodeParameters => ({
  originEndpointId: locator('vcenter'),
  destinationEndpointId: locator('openstack'),
  instances: [machine],
  destinationEnvironment: '{"migr_network": "private"}',
  networkMap: 'VM Network=private',
});

const transferOf = async (machine: string): Promise<INodeParameters> => {
  const [transfer] = await lab.rows('transfer.create', moveOf(machine));
  return { transferId: locator(String(transfer?.['id'])) };
};
const waited: INodeParameters = { waitForCompletion: true };

test('an execution, then a deployment: each gives its end', async () => {
  const transfer = await transferOf('web-01');

  const [execution] = await lab.rows('execution.start', { ...transfer, ...waited });
  const [deployment] = await lab.rows('deployment.create', {
    ...transfer,
    ...waited,
    timeoutSeconds: '2h 30m',
  });

  const moment = expect.stringMatching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/u) as string;
  const end = { outcome: 'completed', status: 'COMPLETED', created_at: moment, finished_at: moment };
  expect(execution).toMatchObject({ ...end, number: 1, percent: 100 });
  expect(deployment).toMatchObject({ ...end, kind: 'deployment' });
});

test('a migration in one go: all its syncs and its deployment, and what it looks like then', async () => {
  const [migration] = await lab.rows('migration.create', { ...moveOf('db-01'), ...waited });

  expect(migration).toMatchObject({
    outcome: 'completed',
    completed_passes: 2,
    deployed_instances: ['db-01'],
    failure: null,
    next: null,
  });
});

test('a migration that nobody waits for says that it stops, in its output and on the canvas', async () => {
  const result = await lab.run('migration.create', moveOf('app-01'));

  const notice = expect.stringMatching(/^Only the first sync was started\./u) as string;
  expect(result.rows('Coriolis')).toEqual([expect.objectContaining({ notice })]);
  expect(result.run.data.resultData.runData['Coriolis']?.at(-1)?.hints).toEqual([
    { message: notice, type: 'warning', location: 'outputPane' },
  ]);
});

test('a migration that fails names the task of the run that failed', async () => {
  const { error } = await lab.run('migration.create', { ...moveOf('fail-worker-vm'), ...waited });

  expect(error?.message).toMatch(
    /^Migration of fail-worker-vm \(\S+\) ended as failed \(ERROR\) in DEPLOY_TRANSFER_TARGET_RESOURCES of fail-worker-vm: Operation timed out/,
  );
});

test('a migration of a legacy server, which takes all steps itself', async () => {
  const legacy = await startLab({ generation: 'legacy' });
  try {
    const [alone] = await legacy.rows('migration.create', moveOf('web-02'));
    expect(alone).not.toHaveProperty('notice');
    const [migration] = await legacy.rows('migration.create', { ...moveOf('web-03'), ...waited });

    expect(migration).toMatchObject({ outcome: 'completed', deployed_instances: ['web-03'] });
  } finally {
    await legacy.stop();
  }
});

test('without it the node goes on at once', async () => {
  const [execution] = await lab.rows('execution.start', await transferOf('web-02'));

  expect(execution?.['outcome'] ?? null).toBeNull();
});

test('a failure fails the node, with the task and its own words', async () => {
  const transfer = await transferOf('fail-worker-vm');

  const { error } = await lab.run('execution.start', { ...transfer, ...waited });

  expect(error?.message).toMatch(
    /^Transfer execution \(replica sync\) #1 of fail-worker-vm \(\S+\) ended as failed \(ERROR\) in DEPLOY_TRANSFER_TARGET_RESOURCES of fail-worker-vm: Operation timed out/,
  );
  expect(error?.description).toMatch(/^Likely cause: .*\. .*(start it again|may help, after a pause)\.$/);
});

test('a failure has the title of its event: type, number and notes, with the machines', async () => {
  const [transfer] = await lab.rows('transfer.create', { ...moveOf('fail-worker-vm'), notes: 'Web shop' });
  const { error } = await lab.run('execution.start', {
    transferId: locator(String(transfer?.['id'])),
    ...waited,
  });

  expect(error?.message).toMatch(
    /^Transfer execution \(replica sync\) #1 of Web shop \(fail-worker-vm, \S+\) ended as failed \(ERROR\) in /u,
  );
});

test('one that fails among several leaves the others, their order and their items alone', async () => {
  const machines = ['web-01', 'fail-worker-vm', 'app-01', 'web-02'];
  const transfers = await Promise.all(machines.map(transferOf));
  const ids = transfers.map(({ transferId }) => (transferId as { value: string }).value);

  const result = await lab.run(
    'execution.start',
    { transferId: locator('={{ $json.id }}'), ...waited },
    { items: ids.map((id) => ({ id })), node: { onError: 'continueRegularOutput' } },
  );

  expect(result.status).toBe('success');
  const rows = result.items('Coriolis');
  expect(rows.map(({ json }) => json['transfer_id'] ?? json['error'])).toEqual([
    ids[0],
    expect.stringMatching(/^Transfer execution \(replica sync\) #1 of fail-worker-vm .* ended as failed/u),
    ids[2],
    ids[3],
  ]);
  expect(rows.map(({ json }) => json['outcome'])).toEqual(['completed', undefined, 'completed', 'completed']);
  expect(rows.map(({ pairedItem }) => pairedItem)).toEqual(machines.map((_, item) => ({ item })));
});

test('at the deadline the error names the id, the last state and how to go on', async () => {
  const transfer = await transferOf('stuck-vm');

  const { error } = await lab.run('execution.start', { ...transfer, ...waited, timeoutSeconds: 1 });

  expect(error?.message).toMatch(
    /^Transfer execution \(replica sync\) #1 of stuck-vm \([0-9a-f-]{36}\) is still RUNNING .*after a wait of 1 s/,
  );
  expect(error?.description).toMatch(/The work continues .*Wait for it again by its id/);
});

test('a deadline that is none is refused before anything is started', async () => {
  const transfer = await transferOf('web-03');
  lab.sandbox.requests.clear();

  const { error } = await lab.run('execution.start', { ...transfer, ...waited, timeoutSeconds: -1 });

  expect(error?.message).toMatch(/^Timeout must be a duration such as 90m or 2h, .*from 0 to \d+; got -1\./u);
  expect(lab.sandbox.requests.total).toBe(0);
});
