import type { WatchEvent } from '../../../src/watch/poll-watch';
import { Story, told } from './story';

describe('lists', () => {
  test('that end in rows without a change are not read to their end', async () => {
    const story = new Story(300);
    story.run();
    await story.later();
    story.run();
    const requests = await story.requestsOf(() => story.later({ kinds: ['execution'] }));
    // The names of endpoints are read once in ten minutes.
    expect(requests).toEqual(['/transfers', `/transfers/${story.first.id}/executions`, '/endpoints']);
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

  test('one request when nothing happened, six and the names of endpoints when five of 10,000 transfers have finished a run', async () => {
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
    expect(requests).toHaveLength(7);
    expect(requests).toContain('/endpoints');
  });

  test('little memory: what changed long ago is forgotten', async () => {
    const story = await estate();
    expect(JSON.stringify(story.cursor).length).toBeLessThan(1000);
  });
});
