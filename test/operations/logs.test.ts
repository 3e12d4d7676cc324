import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { ManualClock } from '../../sandbox/world/clock';
import type { Coriolis } from '../../src/api/operation-context';
import type { JsonObject } from '../../src/model/json';
import { connect, one, rows, sleepingOn } from '../support/coriolis';

const clock = new ManualClock();
let sandbox: Sandbox;
let admin: Coriolis;

beforeAll(async () => {
  sandbox = await startSandbox({ clock });
  admin = connect(sandbox, sandbox.connection.admin, sleepingOn(clock));
});
afterAll(() => sandbox.stop());

/** A line that the log service receives, so many seconds ago. */
function write(appName: string, message: string, secondsAgo = 0, severity: 3 | 6 = 6): void {
  const time = (clock.now() - secondsAgo * 1000) * 1000;
  sandbox.logs.receive({ timeMicroseconds: time, severity, appName, message, hostname: 'appliance' });
}

const lines = async (given: JsonObject, window = {}): Promise<unknown[]> =>
  (await rows(admin, 'log.download', given, window)).map(({ row }) => row['line']);

describe('logs', () => {
  it('are listed by name', async () => {
    const names = (await rows(admin, 'log.getAll')).map(({ row }) => row['name']);

    expect(names).toContain('coriolis-worker');
    expect(names).toEqual([...names].sort());
  });

  it('are downloaded by period, line by line, whatever the time zone of the caller', async () => {
    write('periods', '1 INFO a [-] two hours old', 7200);
    write('periods', '1 INFO a [-] ten minutes old', 600);
    write('periods', '1 INFO a [-] new', 1);
    const tenMinutesAgo = Math.floor(clock.now() / 1000) - 605;

    expect(await lines({ log: 'periods' })).toEqual(['1 INFO a [-] ten minutes old', '1 INFO a [-] new']);
    expect(await lines({ log: 'periods', start: '1d', end: '30m' })).toEqual(['1 INFO a [-] two hours old']);
    expect(await lines({ log: 'periods', start: String(tenMinutesAgo) })).toHaveLength(2);
    expect(await lines({ log: 'periods', start: new Date(tenMinutesAgo * 1000).toISOString() })).toHaveLength(
      2,
    );
    expect(await lines({ log: 'periods', start: '5m', search: 'NEW' })).toEqual(['1 INFO a [-] new']);
  });

  it('include the lines of this very second', async () => {
    clock.advance(0.7);
    write('just now', '1 INFO a [-] just now');

    expect(await lines({ log: 'just now' })).toEqual(['1 INFO a [-] just now']);
    clock.advance(0.3);
  });

  it('continue behind a page with the same period, although time has passed', async () => {
    for (const number of [1, 2, 3, 4]) write('pages', `1 INFO a [-] line ${number}`, 3600 - number * 10);
    const [, second] = await rows(admin, 'log.download', { log: 'pages' }, { limit: 2 });

    clock.advance(600);

    const rest = await lines({ log: 'pages' }, { after: second?.position });
    expect(rest).toEqual(['1 INFO a [-] line 3', '1 INFO a [-] line 4']);
  });

  it('give the lines of a traceback the severity of the line before', async () => {
    write(
      'traceback',
      '1 ERROR coriolis [-] it failed\nTraceback (most recent call last):\n  File "x.py"',
      1,
      3,
    );

    const found = await rows(admin, 'log.download', { log: 'traceback' });

    expect(found.map(({ row }) => row['severity'])).toEqual(['ERROR', 'ERROR', 'ERROR']);
  });

  it('of unknown names are refused with those that exist', async () => {
    await expect(lines({ log: 'no-such-log' })).rejects.toMatchObject({
      kind: 'not_found',
      advice: expect.stringContaining('coriolis-worker') as string,
    });
  });

  it.each(['last week', '1795365667767', '5 minutes'])('do not take "%s" for a time', async (start) => {
    await expect(lines({ log: 'coriolis-worker', start })).rejects.toMatchObject({ field: 'start' });
  });

  it('cannot be read by somebody without an admin role, who is told so', async () => {
    const member = connect(sandbox, undefined, sleepingOn(clock));

    await expect(rows(member, 'log.download', { log: 'coriolis-worker' })).rejects.toMatchObject({
      kind: 'forbidden',
      advice: expect.stringContaining('role admin') as string,
    });
  });
});

describe('the tail of logs', () => {
  /** The core, with something that happens at each pause of the tail. */
  const watching = (happen: (pause: number) => void): Coriolis => {
    const time = sleepingOn(clock);
    let pause = 0;
    return connect(sandbox, sandbox.connection.admin, {
      ...time,
      sleep: async (ms, signal) => {
        await time.sleep(ms, signal);
        pause += 1;
        happen(pause);
      },
    });
  };

  it('shows each new line once, of all logs, and nothing that was there before', async () => {
    write('tail-a', '1 INFO a [-] old', 60);
    const written: string[] = [];
    const coriolis = watching((pause) => {
      for (const log of ['tail-a', 'coriolis-api']) {
        const line = `${pause} INFO ${log} [-] news`;
        written.push(line);
        write(log, line);
      }
    });

    const tail = await one<{ lines: JsonObject[]; ended_by: string }>(coriolis, 'log.tail', { seconds: 20 });

    const shown = tail.lines.map(({ line }) => line).filter((line) => String(line).includes('news'));
    expect(tail.ended_by).toBe('seconds');
    expect(shown.sort()).toEqual(written.sort());
    expect(tail.lines.map(({ line }) => line)).not.toContain('1 INFO a [-] old');
  });

  it('shows equal lines as often as they were written', async () => {
    const coriolis = watching((pause) => {
      if (pause === 2) {
        write('equal', 'the same', 2);
        write('equal', 'the same', 1);
      }
    });
    write('equal', '1 INFO a [-] so that the log exists', 60);

    const tail = await one<{ lines: JsonObject[] }>(coriolis, 'log.tail', { log: 'equal', seconds: 12 });

    expect(tail.lines.map(({ line }) => line)).toEqual(['the same', 'the same']);
  });

  it('ends with the last wanted line, and leaves out what is not grave enough', async () => {
    const coriolis = watching((pause) => {
      write('grave', `${pause} DEBUG a [-] detail`);
      write('grave', `${pause} ERROR a [-] trouble`, 1, 3);
    });
    write('grave', '1 INFO a [-] so that the log exists', 60);

    const tail = await one<{ lines: JsonObject[] }>(coriolis, 'log.tail', {
      log: 'grave',
      severity: 'WARNING',
      lines: 3,
    });

    expect(tail).toEqual({
      ended_by: 'lines',
      lines: [1, 2, 3].map((pause) => ({
        log: 'grave',
        severity: 'ERROR',
        line: `${pause} ERROR a [-] trouble`,
      })),
    });
  });

  it('ends with the lines so far when the program is ending', async () => {
    const ending = new AbortController();
    const coriolis = watching((pause) => {
      write('ending', 'news');
      if (pause === 2) ending.abort();
    });
    write('ending', '1 INFO a [-] so that the log exists', 60);
    const begun = clock.now();

    const tail = await one<{ lines: JsonObject[] }>(
      { ...coriolis, endWaitsSignal: ending.signal },
      'log.tail',
      { log: 'ending', seconds: 3600 },
    );

    expect(tail.lines.length).toBeGreaterThan(0);
    expect(clock.now() - begun).toBeLessThan(60_000);
  });

  it('of an unknown log is refused', async () => {
    await expect(one(admin, 'log.tail', { log: 'no-such-log' })).rejects.toMatchObject({ kind: 'not_found' });
  });
});
