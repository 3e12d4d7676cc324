import { Story, told } from './story';

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

  test.each([1000, 45_000])(
    'set back report nothing from before a fresh start that comes %i ms later, while a run is at work',
    async (ms) => {
      const story = new Story();
      const options = { kinds: ['execution', 'execution_started'] } as const;
      story.run();
      story.server.start(story.first);
      story.server.skewMs -= 90_000;
      story.server.advance(ms);
      // A task reports: the transfer is older than its run, whose time is from before the change of the clock.
      story.server.touch(story.first);
      expect(await story.poll(options)).toEqual([]);
      story.server.advance(5000);
      story.server.finish(story.first, 'COMPLETED');
      expect(told(await story.later(options))).toEqual([[2, 'COMPLETED']]);
      expect(await story.later(options)).toEqual([]);
    },
  );

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
