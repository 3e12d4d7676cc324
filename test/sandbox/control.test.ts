import { FaultSyntaxError, parseFault } from '../../sandbox/faults/syntax';
import { SandboxUser } from './user';
import type { Execution } from './user';

describe('faults in words', () => {
  it.each([
    ['', 'Cannot understand the fault'],
    ['POST lost-answer', 'Cannot understand the fault'],
    ['post /executions reset', 'Cannot understand the fault'],
    ['GET /transfers explode', 'Faults: reset, lost-answer'],
    ['GET /transfers status', '"status" needs a value'],
    ['GET /transfers status=999', 'from 200 to 599'],
    ['GET /transfers latency=soon', '"latency" must be a number'],
    ['GET /transfers reset times=0', 'at least 1'],
    ['GET /transfers reset often', 'Known here: reset, after, times, retry-after'],
    ['clock-skew', '"clock-skew" needs a value'],
    ['stall everything', 'Known here: stall, id'],
  ])('%j is refused with what is expected', (text, said) => {
    expect(() => parseFault(text)).toThrow(FaultSyntaxError);
    expect(() => parseFault(text)).toThrow(said);
  });

  it.each([
    [
      '/transfers',
      ['/v1/p/transfers', '/v1/p/transfers?limit=2'],
      ['/v1/p/transfers/1', '/v1/p/transfers.x'],
    ],
    ['/transfers/*', ['/v1/p/transfers/1', '/v1/p/transfers/1/executions'], ['/v1/p/transfers']],
    ['*', ['/v3/auth/tokens', '/'], []],
  ])('the path %j fits by its end', (path, fitting, others) => {
    const trouble = parseFault(`GET ${path} reset`);
    const pattern = 'rule' in trouble ? trouble.rule.path : undefined;
    const fits = (one: string): boolean => pattern?.test(one) ?? true;

    expect(fitting.map(fits)).toEqual(fitting.map(() => true));
    expect(others.map(fits)).toEqual(others.map(() => false));
  });
});

describe('the control route of the sandbox', () => {
  let user: SandboxUser;

  beforeEach(async () => {
    user = await SandboxUser.start();
  });

  afterEach(() => user.stop());

  const plan = async (fault: string): Promise<number> => {
    const answer = await user.ask('POST', '/sandbox/faults', JSON.stringify({ fault }));
    expect(answer.status).toBe(201);
    return ((await answer.json()) as { id: number }).id;
  };

  it('plans faults, tells how often they struck, and takes them back', async () => {
    const first = await plan('GET /transfers status=429 retry-after=7 times=always');
    await plan('stall');
    const refused = await user.send('GET', '/transfers');

    const listed: unknown = await (await user.ask('GET', '/sandbox/faults')).json();
    const removed = await user.ask('DELETE', `/sandbox/faults/${first}`);
    const accepted = await user.send('GET', '/transfers');
    await user.ask('DELETE', '/sandbox/faults');
    const left: unknown = await (await user.ask('GET', '/sandbox/faults')).json();

    expect([refused.status, refused.headers.get('Retry-After')]).toEqual([429, '7']);
    expect(listed).toEqual({
      faults: [
        { id: first, fault: 'GET /transfers status=429 retry-after=7 times=always', struck: 1 },
        { id: expect.any(Number) as number, fault: 'stall', struck: null },
      ],
    });
    expect([removed.status, accepted.status]).toEqual([204, 200]);
    expect(left).toEqual({ faults: [] });
  });

  it('says what is wrong with a fault that it cannot understand', async () => {
    const answers = [
      await user.ask('POST', '/sandbox/faults', JSON.stringify({ fault: 'boom' })),
      await user.ask('POST', '/sandbox/faults', 'boom'),
      await user.ask('DELETE', '/sandbox/faults/99'),
      await user.ask('GET', '/sandbox/else'),
    ];

    expect(answers.map(({ status }) => status)).toEqual([400, 400, 404, 404]);
    expect(await answers[0]?.json()).toEqual({ error: expect.stringContaining('"boom"') as string });
  });

  it('is closed to web pages', async () => {
    const answer = await user.ask('GET', '/sandbox/faults', undefined, { Origin: 'http://example.com' });

    expect(answer.status).toBe(403);
  });

  it('can be reached whatever is broken', async () => {
    await plan('* * reset times=always');

    await expect(user.send('GET', '/transfers')).rejects.toThrow();
    expect((await user.ask('DELETE', '/sandbox/faults')).status).toBe(204);
    expect((await user.send('GET', '/transfers')).status).toBe(200);
  });

  it('ends all tokens in the middle of a run', async () => {
    await plan('GET /transfers expire-tokens after=1');

    const statuses = [];
    for (let request = 0; request < 3; request += 1)
      statuses.push((await user.send('GET', '/transfers')).status);

    expect(statuses).toEqual([200, 401, 401]);
  });

  it('sends a body piece by piece without changing it', async () => {
    const usual = await user.send('GET', '/endpoints');
    await plan('GET /endpoints slow-body=100');

    const slow = await user.send('GET', '/endpoints');

    expect(slow.body).toEqual(usual.body);
  });
});

describe('a world in which something is wrong', () => {
  let user: SandboxUser;

  beforeEach(async () => {
    user = await SandboxUser.start();
  });

  afterEach(() => user.stop());

  /** What of an execution can be seen to move. */
  const sight = ({ tasks }: Execution): unknown =>
    tasks.map(({ status, progress_updates }) => [status, progress_updates]);

  it('lets one execution stand still until the fault is taken back', async () => {
    const { id } = await user.createTransfer(['web-01']);
    const { id: other } = await user.createTransfer(['web-02']);
    const stalled = await user.execute(id);
    const moving = await user.execute(other);
    const { id: fault } = user.sandbox.faults.plan(`stall id=${id}`);

    await user.until(other, moving.id, 'COMPLETED');
    const before = await user.execution(id, stalled.id);
    user.clock.advance(3600);
    const after = await user.execution(id, stalled.id);
    user.sandbox.faults.remove(fault);
    const end = await user.until(id, stalled.id, 'COMPLETED');

    expect([before.status, after.status]).toEqual(['RUNNING', 'RUNNING']);
    expect(sight(after)).toEqual(sight(before));
    expect(end.status).toBe('COMPLETED');
  });

  it('can still cancel what stands still', async () => {
    const { id } = await user.createTransfer(['web-01']);
    const execution = await user.execute(id);
    user.clock.advance(2);
    user.sandbox.faults.plan('stall');

    const path = `/transfers/${id}/executions/${execution.id}`;
    await user.send('POST', `${path}/actions`, { cancel: { force: true } });

    expect((await user.execution(id, execution.id)).status).toBe('CANCELED');
  });

  it('does not fire schedules, and does not make up for them', async () => {
    const { id } = await user.createTransfer(['web-01']);
    const minute = new Date(user.clock.now() + 60_000).getUTCMinutes();
    const schedule = { schedule: { minute }, enabled: true };
    expect((await user.send('POST', `/transfers/${id}/schedules`, schedule)).status).toBe(200);
    const { id: fault } = user.sandbox.faults.plan('silent-schedules');

    user.clock.advance(120);
    const missed = await user.get<Execution[]>(`/transfers/${id}/executions`, 'executions');
    user.sandbox.faults.remove(fault);
    user.clock.advance(60);
    const later = await user.get<Execution[]>(`/transfers/${id}/executions`, 'executions');
    user.clock.advance(3600);
    const nextHour = await user.get<Execution[]>(`/transfers/${id}/executions`, 'executions');

    expect([missed.length, later.length, nextHour.length]).toEqual([0, 0, 1]);
  });

  it('has clocks that differ: from those of its clients, and from each other', async () => {
    const now = user.clock.now();
    const dateOf = async (): Promise<number> =>
      Date.parse((await user.send('GET', '/transfers')).headers.get('Date') ?? '') - now;

    const before = await dateOf();
    user.sandbox.faults.plan('date-skew=-30');
    const apart = await dateOf();
    user.sandbox.faults.plan('clock-skew=90');
    const ahead = await dateOf();
    const { created_at } = await user.createTransfer(['web-01']);

    expect([before, apart, ahead]).toEqual([0, -30_000, 60_000]);
    expect(Date.parse(`${String(created_at)}Z`) - now).toBe(90_000);
  });

  it('can be asked for from the start', async () => {
    const skewed = await SandboxUser.start({ faults: ['GET /endpoints status=503', 'clock-skew=3600'] });
    try {
      const answer = await skewed.send('GET', '/endpoints');

      expect(answer.status).toBe(503);
      expect(Date.parse(answer.headers.get('Date') ?? '') - skewed.clock.now()).toBe(3_600_000);
    } finally {
      await skewed.stop();
    }
    await expect(SandboxUser.start({ faults: ['nonsense'] })).rejects.toThrow(FaultSyntaxError);
  });
});
