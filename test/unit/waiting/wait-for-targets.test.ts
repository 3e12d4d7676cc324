import { waitFor } from '../../../src/waiting/wait-for-targets';
import type { WaitTargetRef } from '../../../src/waiting/wait-for-targets';
import {
  at,
  deployment,
  DEPLOYMENT,
  DEPLOYMENT_PATH,
  EXECUTION,
  EXECUTION_PATH,
  execution,
  scene,
  task,
  TRANSFER,
  TRANSFER_PATH,
  transferOfOneDisk,
} from '../playbooks/server';
import type { Moment } from '../playbooks/server';

const anExecution: WaitTargetRef = { kind: 'execution', transferId: TRANSFER, executionId: EXECUTION };
const aDeployment: WaitTargetRef = { kind: 'deployment', deploymentId: DEPLOYMENT };
const oneDisk: Readonly<Record<string, readonly Moment[]>> = { [TRANSFER_PATH]: [[0, transferOfOneDisk]] };
const patience = { timeoutSeconds: 3600, stallSeconds: 600 };

const shows = (status: string, overrides = {}) => ({ execution: execution(status, overrides) });
const running = (percent: number, since: number) =>
  shows('RUNNING', {
    tasks: [
      task({
        progress_updates: [
          {
            id: 'disk',
            index: 1,
            current_step: percent,
            total_steps: 100,
            message: 'Copying',
            created_at: at(0),
            updated_at: at(since),
          },
        ],
      }),
    ],
  });
const ended = (status: string, when: number, overrides = {}) =>
  shows(status, { updated_at: at(when), ...overrides });

const failedTask = task({
  status: 'ERROR',
  exception_details: 'connection reset by peer',
  updated_at: at(10),
});

describe('waiting for an execution', () => {
  test.each([
    ['COMPLETED', 'completed', null],
    ['CANCELED', 'canceled', null],
    [
      'ERROR',
      'failed',
      { instance: 'db-01', task_type: 'REPLICATE_DISKS', message: 'connection reset by peer' },
    ],
  ])('ends when it is %s', async (status, outcome, failure) => {
    const tasks = status === 'ERROR' ? [failedTask] : [];
    const { coriolis } = scene({
      [EXECUTION_PATH]: [
        [0, shows('RUNNING')],
        [20, ended(status, 20, { tasks })],
      ],
    });
    const [result] = await waitFor(coriolis, [anExecution], patience);
    expect(result).toMatchObject({
      kind: 'execution',
      id: EXECUTION,
      transfer_id: TRANSFER,
      status,
      outcome,
      failure,
      duration_seconds: 20,
    });
  });

  test('goes on while it is CANCELLING, which a failure is too', async () => {
    const { coriolis } = scene({
      [EXECUTION_PATH]: [
        [0, shows('RUNNING')],
        [5, shows('CANCELLING', { updated_at: at(5) })],
        [60, ended('ERROR', 60)],
      ],
    });
    const [result] = await waitFor(coriolis, [anExecution], patience);
    expect(result).toMatchObject({ outcome: 'failed', duration_seconds: 60 });
  });

  test('does not believe a final status that is replaced within moments', async () => {
    const { coriolis } = scene({
      [EXECUTION_PATH]: [
        [0, ended('CANCELED', 0)],
        [0.06, ended('ERROR_ALLOCATING_MINIONS', 0)],
      ],
    });
    const [result] = await waitFor(coriolis, [anExecution], { ...patience, timeoutSeconds: 0 });
    expect(result).toMatchObject({ status: 'ERROR_ALLOCATING_MINIONS', outcome: 'failed' });
  });

  test('believes a final status that stays, whatever the clocks of the server say', async () => {
    const { coriolis, now } = scene({ [EXECUTION_PATH]: [[0, ended('COMPLETED', 600)]] });
    const [result] = await waitFor(coriolis, [anExecution], patience);
    expect(result?.outcome).toBe('completed');
    expect(now()).toBeLessThan(10);
  });

  test('goes on at a status of a newer server', async () => {
    const { coriolis } = scene({
      [EXECUTION_PATH]: [
        [0, shows('RESUMING')],
        [30, ended('COMPLETED', 30)],
      ],
    });
    expect((await waitFor(coriolis, [anExecution], patience))[0]?.outcome).toBe('completed');
  });

  test('gives up an execution that never starts, and says so', async () => {
    const { coriolis, now } = scene({ [EXECUTION_PATH]: [[0, shows('UNEXECUTED')]] });
    const [result] = await waitFor(coriolis, [anExecution], patience);
    expect(result).toMatchObject({ status: 'UNEXECUTED', outcome: 'failed', failure: { task_type: null } });
    expect(result?.failure?.message).toMatch(/never started/);
    expect(now()).toBeLessThan(120);
  });

  test('ends as deleted when it vanishes', async () => {
    const { coriolis } = scene({
      [EXECUTION_PATH]: [
        [0, shows('RUNNING')],
        [10, 404],
      ],
    });
    expect((await waitFor(coriolis, [anExecution], patience))[0]?.outcome).toBe('deleted');
  });

  test('refuses one that never existed', async () => {
    const { coriolis } = scene({ [EXECUTION_PATH]: [[0, 404]] });
    await expect(waitFor(coriolis, [anExecution], patience)).rejects.toMatchObject({ kind: 'not_found' });
  });
});

describe('a wait is bounded', () => {
  test('in time: the answer carries what is needed to go on', async () => {
    const { coriolis, now } = scene({ ...oneDisk, [EXECUTION_PATH]: [[0, running(41, 60)]] });
    const [result] = await waitFor(coriolis, [anExecution], { ...patience, timeoutSeconds: 120 });
    expect(result).toMatchObject({ id: EXECUTION, status: 'RUNNING', outcome: 'timed_out', percent: 41 });
    expect(result?.next).toMatch(/wait again/);
    expect(now()).toBe(120);
  });

  test('by silence: nothing changed for too long', async () => {
    const { coriolis, now } = scene({
      ...oneDisk,
      [EXECUTION_PATH]: [
        [0, running(10, 1)],
        [100, running(20, 100)],
      ],
    });
    const [result] = await waitFor(coriolis, [anExecution], { timeoutSeconds: 36_000, stallSeconds: 300 });
    expect(result).toMatchObject({ outcome: 'stalled', percent: 20, eta_seconds: null });
    expect(now()).toBeGreaterThanOrEqual(400);
    expect(now()).toBeLessThan(460);
  });

  test('looks at least once, also without any time', async () => {
    const { coriolis, requests } = scene({ [EXECUTION_PATH]: [[0, ended('COMPLETED', -60)]] });
    const [result] = await waitFor(coriolis, [anExecution], { ...patience, timeoutSeconds: 0 });
    expect(result?.outcome).toBe('completed');
    expect(requests.map(({ path }) => path)).toEqual([EXECUTION_PATH, '/deployments']);
  });

  test('by the caller, at once, and nothing on the server is canceled', async () => {
    const aborted = new AbortController();
    const { coriolis, requests } = scene({ [EXECUTION_PATH]: [[0, shows('RUNNING')]] }, aborted.signal);
    const waiting = waitFor({ ...coriolis, reportProgress: () => aborted.abort() }, [anExecution], patience);
    await expect(waiting).rejects.toMatchObject({ kind: 'canceled' });
    expect(requests).toHaveLength(1);
  });
});

describe('trouble on the way', () => {
  test.each([['reset' as const], [500 as const]])('is sat out: %s', async (trouble) => {
    const { coriolis } = scene({
      [EXECUTION_PATH]: [
        [0, trouble],
        [10, shows('RUNNING')],
        [20, trouble],
        [60, ended('COMPLETED', 50)],
      ],
    });
    expect((await waitFor(coriolis, [anExecution], patience))[0]?.outcome).toBe('completed');
  });

  test('is told when it lasts and the server never answered', async () => {
    const { coriolis, now } = scene({ [EXECUTION_PATH]: [[0, 'reset']] });
    const waiting = waitFor(coriolis, [anExecution], { ...patience, timeoutSeconds: 60 });
    await expect(waiting).rejects.toMatchObject({ kind: 'unreachable' });
    expect(now()).toBe(60);
  });

  test('ends the wait when time does not heal it', async () => {
    const { coriolis } = scene({
      [EXECUTION_PATH]: [
        [0, shows('RUNNING')],
        [10, 401],
      ],
    });
    await expect(waitFor(coriolis, [anExecution], patience)).rejects.toMatchObject({
      kind: 'authentication',
    });
  });
});

describe('waiting for a deployment', () => {
  const pending = { deployment: deployment('PENDING', { deployer_id: EXECUTION }) };

  test('begins with the execution that it waits for', async () => {
    const { coriolis } = scene({
      [EXECUTION_PATH]: [
        [0, running(10, 1)],
        [300, running(50, 300)],
        [600, ended('COMPLETED', 600)],
      ],
      [DEPLOYMENT_PATH]: [
        [0, pending],
        [610, { deployment: deployment('RUNNING', { deployer_id: EXECUTION, tasks: [task()] }) }],
        [
          900,
          { deployment: deployment('COMPLETED', { deployer_id: EXECUTION, updated_at: at(900), tasks: [] }) },
        ],
      ],
    });
    const [result] = await waitFor(coriolis, [aDeployment], { timeoutSeconds: 3600, stallSeconds: 400 });
    expect(result).toMatchObject({
      kind: 'deployment',
      id: DEPLOYMENT,
      transfer_id: TRANSFER,
      outcome: 'completed',
    });
  });

  test('fails with the error of that execution', async () => {
    const { coriolis } = scene({
      [EXECUTION_PATH]: [[0, ended('ERROR', 30, { tasks: [failedTask] })]],
      [DEPLOYMENT_PATH]: [
        [0, pending],
        [40, { deployment: deployment('ERROR', { deployer_id: EXECUTION, updated_at: at(35) }) }],
      ],
    });
    const [result] = await waitFor(coriolis, [aDeployment], patience);
    expect(result).toMatchObject({
      outcome: 'failed',
      failure: { task_type: 'REPLICATE_DISKS', message: 'connection reset by peer' },
    });
  });

  test('fails with other words when that execution completed, and the server refused to start it', async () => {
    const { coriolis } = scene({
      [EXECUTION_PATH]: [[0, ended('COMPLETED', 30)]],
      [DEPLOYMENT_PATH]: [
        [0, pending],
        [40, { deployment: deployment('ERROR', { deployer_id: EXECUTION, updated_at: at(35) }) }],
      ],
    });
    const [result] = await waitFor(coriolis, [aDeployment], patience);
    expect(result).toMatchObject({ outcome: 'failed', failure: { task_type: null } });
    expect(result?.failure?.message).toMatch(/the server refused to start it/);
  });

  test.each([
    ['was deleted', [[0, 404]] as const],
    ['was canceled long ago', [[0, ended('CANCELED', 0)]] as const],
  ])('is not waited for when its execution %s', async (_what, moments) => {
    const { coriolis, now } = scene({ [EXECUTION_PATH]: moments, [DEPLOYMENT_PATH]: [[0, pending]] });
    const [result] = await waitFor(coriolis, [aDeployment], patience);
    expect(result).toMatchObject({ status: 'PENDING', outcome: 'failed' });
    expect(result?.failure?.message).toMatch(/will not start/);
    expect(now()).toBeLessThan(120);
  });
});

describe('one wait for several', () => {
  const second = 'eeeeeeee-0000-4000-8000-000000000002';
  const ofSecond = <Shown extends { readonly execution: object }>(shown: Shown): Shown => ({
    ...shown,
    execution: { ...shown.execution, id: second },
  });
  const targets: readonly WaitTargetRef[] = [
    anExecution,
    { kind: 'execution', transferId: TRANSFER, executionId: second },
  ];
  const script = {
    [EXECUTION_PATH]: [
      [0, running(10, 1)],
      [30, ended('COMPLETED', 30)],
    ] as const,
    [`/transfers/${TRANSFER}/executions/${second}`]: [
      [0, ofSecond(running(50, 1))],
      [300, ofSecond(ended('COMPLETED', 300))],
    ] as const,
  };

  test('ends when all have ended, and stops asking for those that have', async () => {
    const { coriolis, requests } = scene(script);
    const results = await waitFor(coriolis, targets, patience);
    expect(results.map(({ id, outcome }) => [id, outcome])).toEqual([
      [EXECUTION, 'completed'],
      [second, 'completed'],
    ]);
    expect(requests.filter(({ path, at: when }) => path === EXECUTION_PATH && when > 90)).toEqual([]);
  });

  test('or when any has', async () => {
    const { coriolis } = scene(script);
    const results = await waitFor(coriolis, targets, { ...patience, until: 'any' });
    expect(results.map(({ outcome }) => outcome)).toEqual(['completed', null]);
    expect(results[1]?.next).toMatch(/wait again/);
  });

  test('or when anything changes', async () => {
    const { coriolis, now } = scene({
      ...script,
      [EXECUTION_PATH]: [
        [0, running(10, 1)],
        [12, running(11, 12)],
      ],
    });
    const results = await waitFor(coriolis, targets, { ...patience, until: 'change' });
    expect(results.map(({ outcome }) => outcome)).toEqual([null, null]);
    expect(now()).toBeLessThan(30);
  });
});

describe('while it waits', () => {
  test('looks less and less often, never rarer than asked', async () => {
    const { coriolis, requests } = scene({ [EXECUTION_PATH]: [[0, shows('RUNNING')]] });
    await waitFor(coriolis, [anExecution], {
      timeoutSeconds: 200,
      stallSeconds: 600,
      firstPollSeconds: 2,
      maximumPollSeconds: 10,
    });
    const gaps = requests.slice(1, -1).map(({ at: when }, index) => when - (requests[index]?.at ?? 0));
    expect(gaps[0]).toBeLessThanOrEqual(2);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(10);
    expect(gaps).toEqual([...gaps].sort((a, b) => a - b));
  });

  test('tells after every look how far it is', async () => {
    const { coriolis, notes, requests } = scene({
      ...oneDisk,
      [EXECUTION_PATH]: [
        [0, running(10, 1)],
        [30, running(50, 30)],
        [60, ended('COMPLETED', 60)],
      ],
    });
    await waitFor(coriolis, [anExecution], patience);
    expect(notes).toHaveLength(requests.filter(({ path }) => path === EXECUTION_PATH).length);
    const percents = notes.map(({ progress }) => progress.percent);
    expect(percents[0]).toBe(10);
    expect(percents).toContain(50);
    expect(percents.at(-1)).toBe(100);
    expect(notes[0]?.message).toContain('REPLICATE_DISKS 10 %');
  });
});
