import { NO_EVENT_DETAILS } from '../../../src/watch/event-view';
import { SCOPE, Story, told } from './story';

describe('the first look', () => {
  test('takes in what there is and tells nothing', async () => {
    const story = new Story();
    story.run();
    expect(await story.later()).toEqual([]);
    expect(await story.later()).toEqual([]);
  });

  test('does not lose a run that ends within the very second it is made in', async () => {
    const story = new Story();
    story.run();
    story.server.start(story.first);
    story.server.advance(3000);
    story.server.touch(story.first);
    await story.poll();
    story.server.finish(story.first, 'COMPLETED');
    expect(told(await story.later())).toEqual([[2, 'COMPLETED']]);
  });

  test('is made again for another project and for a damaged state, and says so once', async () => {
    const story = new Story();
    await story.poll();
    expect(story.notices).toEqual([]);
    const executions = { t0: 0, high: 0, known: {} };
    const states = [
      'x',
      [],
      { version: 2, scope: SCOPE },
      { version: 1, scope: 'https://coriolis.example/v1/other', executions },
      { version: 1, scope: SCOPE, executions: { ...executions, high: 'x' } },
      { version: 1, scope: SCOPE, executions: { ...executions, known: { x: null } } },
      { version: 1, scope: SCOPE, executions: { ...executions, known: { x: { u: 1, s: 'ERROR', n: '1' } } } },
      { version: 1, scope: SCOPE, deployments: null },
    ];
    for (const cursor of states) {
      story.run();
      story.cursor = cursor;
      expect(await story.later()).toEqual([]);
      expect(story.notices).toEqual([expect.stringContaining('began anew, because its stored state')]);
      story.run();
      expect(await story.later()).toHaveLength(1);
      expect(story.notices).toEqual([]);
    }
  });
});

describe('each run is told once', () => {
  test('with what a workflow needs to go on', async () => {
    const story = new Story();
    await story.poll();
    story.run(story.first, 'ERROR');
    expect(await story.later()).toEqual([
      {
        // Every other key is null.
        ...NO_EVENT_DETAILS,
        key: story.first.runs[0]?.id,
        event: 'execution_finished',
        kind: 'execution',
        summary:
          'Transfer execution (replica sync) #1 of db-01 failed. REPLICATE_DISKS of db-01: connection reset by peer',
        occurred_at: '2026-11-22T15:00:02Z',
        outcome: 'failed',
        status: 'ERROR',
        name: 'db-01',
        known_error: expect.objectContaining({
          id: 'connection-broken',
          remedy: expect.any(String),
          retry: 'yes',
        }),
        execution_id: story.first.runs[0]?.id,
        number: 1,
        type: 'transfer_execution',
        transfer_id: story.first.id,
        scenario: 'replica',
        instances: ['db-01'],
        // The server of this story tells no endpoints.
        origin_endpoint_name: null,
        destination_endpoint_name: null,
        origin_endpoint_id: 'origin',
        destination_endpoint_id: 'destination',
        started_at: '2026-11-22T15:00:00Z',
        finished_at: '2026-11-22T15:00:02Z',
        duration_seconds: 2,
        failure: { instance: 'db-01', task_type: 'REPLICATE_DISKS', message: 'connection reset by peer' },
      },
    ]);
    expect(await story.later()).toEqual([]);
  });

  test('also when two ended between two polls', async () => {
    const story = new Story();
    await story.poll();
    story.run();
    story.run(story.first, 'CANCELED');
    expect(told(await story.later())).toEqual([
      [1, 'COMPLETED'],
      [2, 'CANCELED'],
    ]);
  });

  test('also when the next has begun meanwhile: then when that has ended', async () => {
    const story = new Story();
    await story.poll();
    story.run();
    story.server.start(story.first);
    expect(await story.later()).toEqual([]);
    story.server.advance(86_400_000);
    story.server.touch(story.first);
    expect(await story.later()).toEqual([]);
    story.server.finish(story.first, 'ERROR');
    expect(told(await story.later())).toEqual([
      [1, 'COMPLETED'],
      [2, 'ERROR'],
    ]);
  });

  test('also when orphans lie between', async () => {
    const story = new Story();
    await story.poll();
    story.run();
    await story.later();
    story.server.startOrphan(story.first);
    story.server.startOrphan(story.first);
    story.run();
    expect(told(await story.later())).toEqual([[4, 'COMPLETED']]);
  });

  test('with its true status, when a final one was replaced within moments', async () => {
    const story = new Story();
    await story.poll();
    story.server.start(story.first);
    story.server.advance(3000);
    story.server.starve(story.first, 50);
    expect(await story.poll()).toEqual([]);
    expect(told(await story.later())).toEqual([[1, 'ERROR_ALLOCATING_MINIONS']]);
  });

  test('also when it was committed late, behind many others', async () => {
    const story = new Story(31);
    await story.poll();
    const [late, ...others] = story.transfers;
    if (late === undefined) throw new Error('no transfer');
    story.server.start(late);
    for (const transfer of others) story.server.start(transfer);
    story.server.advance(30_000);
    for (const transfer of others) story.server.finish(transfer, 'COMPLETED');
    expect(await story.later()).toHaveLength(30);
    story.server.finish(late, 'COMPLETED', 20_000);
    expect(told(await story.later())).toEqual([[1, 'COMPLETED']]);
  });

  test('also when a whole estate ends in one second, over several polls', async () => {
    const story = new Story(450);
    await story.poll();
    for (const transfer of story.transfers) story.server.start(transfer);
    story.server.advance(5000);
    for (const transfer of story.transfers) story.server.finish(transfer, 'COMPLETED');
    const polls = [await story.later(), await story.later(), await story.later(), await story.later()];
    expect(polls.map((events) => events.length)).toEqual([200, 200, 50, 0]);
    expect(new Set(polls.flat().map(({ key }) => key)).size).toBe(450);
  });
});

describe('what was deleted', () => {
  test('an execution that was seen running is told of without its id', async () => {
    const story = new Story();
    await story.poll();
    story.server.start(story.first);
    await story.later();
    story.server.finish(story.first, 'COMPLETED');
    story.server.deleteNewestRun(story.first);
    const events = [...(await story.later()), ...(await story.later()), ...(await story.later())];
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      execution_id: null,
      number: null,
      status: 'COMPLETED',
      outcome: 'completed',
    });
    expect(events[0]?.key).toContain(story.first.id);
  });

  test('a transfer whose run was too young to be believed is told of once', async () => {
    const story = new Story();
    await story.poll();
    story.run();
    expect(await story.poll()).toEqual([]);
    story.server.deleteTransfer(story.first);
    expect(await story.later()).toMatchObject([{ execution_id: null, status: 'COMPLETED' }]);
    expect(await story.later()).toEqual([]);
  });

  test('a transfer that vanishes between the list and the look at its executions is told of once', async () => {
    const story = new Story();
    await story.poll();
    story.run();
    story.server.advance(5000);
    let moments = 0;
    story.server.latency = () => {
      moments += 1;
      if (moments === 3) story.server.deleteTransfer(story.first);
      return 1;
    };
    const events = [...(await story.poll()), ...(await story.later()), ...(await story.later())];
    expect(events).toMatchObject([{ execution_id: null, status: 'COMPLETED' }]);
  });

  test('a transfer that was told of already is not told of again', async () => {
    const story = new Story();
    await story.poll();
    story.run();
    expect(await story.later()).toHaveLength(1);
    story.server.deleteTransfer(story.first);
    expect(await story.later()).toEqual([]);
  });
});

describe('deployments', () => {
  test('are told of once, with the task that failed', async () => {
    const story = new Story();
    await story.poll();
    const deployment = story.server.addDeployment(story.first, 'RUNNING');
    expect(await story.later()).toEqual([]);
    story.server.finishDeployment(deployment, 'ERROR');
    expect(await story.later()).toMatchObject([
      {
        key: deployment.id,
        kind: 'deployment',
        outcome: 'failed',
        deployment_id: deployment.id,
        transfer_id: story.first.id,
        failure: { task_type: 'REPLICATE_DISKS' },
      },
    ]);
    expect(await story.later()).toEqual([]);
  });

  test('are told of also when they were deleted since', async () => {
    const story = new Story();
    await story.poll();
    const deployment = story.server.addDeployment(story.first, 'PENDING');
    story.server.finishDeployment(deployment, 'ERROR');
    story.server.deleteDeployment(deployment);
    expect(await story.later()).toMatchObject([{ deployment_id: deployment.id, failure: null }]);
  });
});
