import { pollWatch } from '../../../src/watch/watch';
import type { WatchEvent, WatchOptions } from '../../../src/watch/watch';
import { ModelServer } from './model-server';
import type { OwnTransfer } from './model-server';

const SCOPE = 'https://coriolis.example/v1/project';

/** A server with some transfers, and a watcher that keeps its cursor as JSON. */
class Story {
  readonly server = new ModelServer();
  readonly coriolis = this.server.coriolis();
  readonly transfers: readonly OwnTransfer[];
  cursor: unknown;
  /** Those of the last poll. */
  notices: readonly string[] = [];

  constructor(transfers = 1) {
    this.server.latency = () => 1;
    this.transfers = Array.from({ length: transfers }, () => this.server.addTransfer());
  }

  get first(): OwnTransfer {
    return this.transfers[0] as OwnTransfer;
  }

  /** Runs a transfer to its end. */
  run(transfer: OwnTransfer = this.first, status = 'COMPLETED', ms = 2000): void {
    this.server.start(transfer);
    this.server.advance(ms);
    this.server.finish(transfer, status);
  }

  async poll(options: Partial<WatchOptions> = {}): Promise<readonly WatchEvent[]> {
    const found = await pollWatch(this.coriolis, this.cursor, { scope: SCOPE, ...options });
    const { cursor, events } = found;
    this.notices = found.notices;
    this.cursor = JSON.parse(JSON.stringify(cursor));
    return events;
  }

  /** Polls after everything has become old enough to be believed. */
  async later(options: Partial<WatchOptions> = {}): Promise<readonly WatchEvent[]> {
    this.server.advance(5000);
    return this.poll(options);
  }

  async requestsOf(work: () => Promise<unknown>): Promise<readonly string[]> {
    const before = this.server.asked.length;
    await work();
    return this.server.asked.slice(before);
  }
}

const told = (events: readonly WatchEvent[]) => events.map(({ number, status }) => [number, status]);

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
        key: story.first.runs[0]?.id,
        event: 'execution_finished',
        kind: 'execution',
        summary:
          'Transfer execution (replica sync) #1 of db-01 failed. REPLICATE_DISKS of db-01: connection reset by peer',
        occurred_at: '2026-11-22T15:00:02Z',
        outcome: 'failed',
        status: 'ERROR',
        reason: null,
        schedule_id: null,
        minion_pool_id: null,
        name: 'db-01',
        percent: null,
        transferred_megabytes: null,
        last_sync_at: null,
        last_copy_at: null,
        last_copy_age_seconds: null,
        no_copy_reason: null,
        known_error: expect.objectContaining({
          id: 'connection-broken',
          remedy: expect.any(String),
          retry: 'yes',
        }),
        link: null,
        execution_id: story.first.runs[0]?.id,
        deployment_id: null,
        number: 1,
        type: 'transfer_execution',
        transfer_id: story.first.id,
        scenario: 'replica',
        instances: ['db-01'],
        origin_endpoint_id: 'origin',
        destination_endpoint_id: 'destination',
        notes: null,
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

describe('lists', () => {
  test('that end in rows without a change are not read to their end', async () => {
    const story = new Story(300);
    story.run();
    await story.later();
    story.run();
    const requests = await story.requestsOf(() => story.later({ kinds: ['execution'] }));
    expect(requests).toEqual(['/transfers', `/transfers/${story.first.id}/executions`]);
  });

  test('that bring nothing new are not concluded from', async () => {
    const story = new Story(150);
    await story.poll();
    for (const transfer of story.transfers) story.server.start(transfer);
    story.server.advance(5000);
    for (const transfer of story.transfers) story.server.finish(transfer, 'COMPLETED');
    story.server.ignoresMarker = true;
    const before = story.cursor;
    expect(await story.later({ kinds: ['execution', 'deployment'] })).toEqual([]);
    const executions = (cursor: unknown) => (cursor as { executions: object }).executions;
    expect(executions(story.cursor)).toEqual(executions(before));
    story.server.ignoresMarker = false;
    expect(await story.later()).toHaveLength(150);
  });

  test('of servers that ignore paging are as good, also with exactly as many rows as a page', async () => {
    const story = new Story(20);
    story.server.ignoresPaging = true;
    await story.poll();
    for (const transfer of story.transfers) story.run(transfer);
    expect(await story.later()).toHaveLength(20);
    expect(await story.later()).toEqual([]);
  });
});

describe('a list that is null', () => {
  test.each(['transfers', 'executions', 'deployments'])(
    'is refused, and nothing is lost: %s',
    async (list) => {
      const story = new Story(1);
      await story.poll();
      story.run();
      story.server.nullLists.push(list);
      await expect(story.later()).rejects.toThrow(`${list} is not a list`);
      expect(told(await story.later())).toEqual([[1, 'COMPLETED']]);
    },
  );
});

describe('clocks', () => {
  test.each([90, 600, 3600, 7200])('set back by %i s lose nothing and repeat nothing', async (seconds) => {
    const story = new Story(3);
    await story.poll();
    story.run();
    expect(await story.later()).toHaveLength(1);
    story.run(story.transfers[2]);
    story.server.skewMs -= seconds * 1000;
    story.run(story.transfers[1]);
    story.run(story.first);
    const events = [...(await story.later()), ...(await story.later())];
    story.server.advance(300_000);
    events.push(...(await story.later()));
    expect(events.map((event) => [event.transfer_id, event.number]).toSorted()).toEqual(
      [
        [story.first.id, 2],
        [story.transfers[1]?.id, 1],
        [story.transfers[2]?.id, 1],
      ].toSorted(),
    );
    expect(story.notices).toEqual([]);
  });

  // An entry may go only when no run of its transfer has a later time, also one from before the clock was set back.
  test.each([
    ['whose newer run is there', false, false],
    ['whose newer run was deleted', true, false],
    ['whose newer run was deleted, in a watch that began since', true, true],
  ])(
    'set back repeat no older run after the memory of a newer one: %s',
    async (_name, isDeleted, isFirst) => {
      const story = new Story(2);
      const options = { kinds: ['execution', 'execution_started'] } as const;
      if (!isFirst) await story.poll(options);
      story.run();
      if (!isFirst) expect(await story.later(options)).toHaveLength(2);
      story.server.skewMs -= 3_600_000;
      story.run();
      expect(await story.later(options)).toHaveLength(isFirst ? 0 : 2);
      if (isDeleted) story.server.deleteNewestRun(story.first);
      story.server.advance(8_200_000);
      story.run(story.transfers[1]);
      expect(await story.later(options)).toHaveLength(2);
      story.run();
      story.server.advance(2000);
      story.run();
      const events = await story.later(options);
      expect(events.map(({ event, number }) => `${event} ${number}`).toSorted()).toEqual([
        'execution_finished 3',
        'execution_finished 4',
        'execution_started 3',
        'execution_started 4',
      ]);
      expect(await story.later(options)).toEqual([]);
    },
  );

  test('set back twice delay no run because of another one that was deleted', async () => {
    const story = new Story();
    await story.poll();
    story.run();
    story.server.skewMs -= 363_000;
    expect(await story.later()).toEqual([]);
    story.server.skewMs -= 90_000;
    story.run();
    story.server.deleteNewestRun(story.first);
    expect(told(await story.later())).toEqual([[1, 'COMPLETED']]);
    story.server.deleteTransfer(story.first);
    expect(await story.later()).toEqual([]);
  });

  test('set back hide no run that stands still', async () => {
    const story = new Story();
    const options = { kinds: ['execution_stalled'], stallMinutes: 20 } as const;
    await story.poll(options);
    story.server.skewMs -= 7_200_000;
    story.server.start(story.first);
    expect(await story.later(options)).toEqual([]);
    story.server.advance(1_300_000);
    expect(await story.poll(options)).toMatchObject([{ event: 'execution_stalled', number: 1 }]);
    expect(await story.later(options)).toEqual([]);
  });

  test('set back further than changes are remembered make a fresh start that says so', async () => {
    const story = new Story(2);
    story.run();
    await story.later();
    story.server.skewMs -= 3 * 3_600_000;
    expect(await story.later()).toEqual([]);
    expect(story.notices.join()).toContain('the clock of the server went back');
    story.run(story.transfers[1]);
    expect(told(await story.later())).toEqual([[1, 'COMPLETED']]);
    expect(story.notices).toEqual([]);
  });

  test('set forward lose nothing, also when they are set back again', async () => {
    const story = new Story(2);
    await story.poll();
    story.run();
    story.server.skewMs += 7_200_000;
    expect(told(await story.later())).toEqual([[1, 'COMPLETED']]);
    story.run(story.transfers[1]);
    expect(told(await story.later())).toEqual([[1, 'COMPLETED']]);
    story.server.skewMs = 0;
    story.run();
    expect(told(await story.later())).toEqual([[2, 'COMPLETED']]);
  });

  test('of a conductor that is ahead delay an event and lose none', async () => {
    const story = new Story(2);
    await story.poll();
    story.server.start(story.first);
    story.server.advance(5000);
    story.server.finish(story.first, 'COMPLETED', -120_000);
    expect(await story.later()).toEqual([]);
    story.run(story.transfers[1]);
    expect(told(await story.later())).toEqual([[1, 'COMPLETED']]);
    story.server.advance(180_000);
    expect(told(await story.later())).toEqual([[1, 'COMPLETED']]);
    expect(await story.later()).toEqual([]);
  });
});

describe('a poll costs', () => {
  const estate = async (): Promise<Story> => {
    const story = new Story(10_000);
    for (const transfer of story.transfers) story.server.start(transfer);
    for (const transfer of story.transfers) story.server.finish(transfer, 'COMPLETED');
    story.server.advance(3_600_000);
    story.run();
    await story.later();
    return story;
  };

  test('one request when nothing happened, six when five of 10,000 transfers have finished a run', async () => {
    const story = await estate();
    const options = { kinds: ['execution'] } as const;
    await story.later();
    expect(await story.requestsOf(() => story.later(options))).toHaveLength(1);
    for (const transfer of story.transfers.slice(100, 105)) story.run(transfer);
    let events: readonly WatchEvent[] = [];
    const requests = await story.requestsOf(async () => {
      events = await story.later(options);
    });
    expect(events).toHaveLength(5);
    expect(requests).toHaveLength(6);
  });

  test('little memory: what changed long ago is forgotten', async () => {
    const story = await estate();
    expect(JSON.stringify(story.cursor).length).toBeLessThan(1000);
  });
});

describe('a filter', () => {
  const failedOnly = { filter: { outcomes: ['failed'] } };

  test.each([
    ['outcomes', { outcomes: ['failed'] }, 1],
    ['outcomes', { outcomes: [] }, 2],
    ['endpoints', { endpointIds: ['destination'] }, 2],
    ['endpoints', { endpointIds: ['another'] }, 0],
    ['scenarios', { scenarios: ['live_migration'] }, 0],
    ['types', { types: ['transfer_update'] }, 0],
  ])('narrows by %s: %j', async (_by, filter, count) => {
    const story = new Story(2);
    await story.poll();
    story.run(story.transfers[0]);
    story.run(story.transfers[1], 'ERROR');
    expect(await story.later({ filter })).toHaveLength(count);
  });

  test('narrows by transfer', async () => {
    const story = new Story(2);
    await story.poll();
    for (const transfer of story.transfers) story.run(transfer);
    const events = await story.later({ filter: { transferIds: [story.first.id] } });
    expect(events.map(({ transfer_id }) => transfer_id)).toEqual([story.first.id]);
  });

  test('that is edited replays nothing and loses nothing', async () => {
    const story = new Story();
    await story.poll(failedOnly);
    story.run();
    expect(await story.later(failedOnly)).toEqual([]);
    expect(await story.later()).toEqual([]);
    story.run();
    expect(told(await story.later())).toEqual([[2, 'COMPLETED']]);
  });

  test('adds no request', async () => {
    const counts: number[] = [];
    for (const filter of [{}, { outcomes: ['failed'] }, { transferIds: ['none'] }]) {
      const story = new Story(3);
      await story.poll();
      for (const transfer of story.transfers) story.run(transfer);
      counts.push((await story.requestsOf(() => story.later({ filter }))).length);
    }
    expect(counts[1]).toBe(counts[0]);
    expect(counts[2]).toBe(counts[0]);
  });

  test('by kind saves the requests for the other kind, which starts afresh when it is wanted again', async () => {
    const story = new Story();
    await story.poll({ kinds: ['deployment'] });
    story.run();
    const requests = await story.requestsOf(() => story.later({ kinds: ['deployment'] }));
    expect(requests).toEqual(['/deployments']);
    expect(await story.later()).toEqual([]);
    story.run();
    expect(told(await story.later())).toEqual([[2, 'COMPLETED']]);
  });
});
