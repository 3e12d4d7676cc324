import { Story, told } from './story';

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
      const requests = await story.requestsOf(() => story.later({ filter }));
      // Only events lead to the names of endpoints, which are read once in ten minutes.
      counts.push(requests.filter((url) => url !== '/endpoints').length);
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
