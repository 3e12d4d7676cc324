import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { ManualClock } from '../../sandbox/world/clock';
import { CoriolisClient } from '../../src/api/coriolis-client';
import { makeKeystoneSession } from '../../src/api/keystone-session';
import type { Transport } from '../../src/api/transport';
import type { Coriolis } from '../../src/api/operation-context';
import { connect as connectLibrary, type WatchEvent } from '../../library';
import { loginTo } from '../library/support';
import { identityOf, one, realFetch, rows, sleepingOn } from '../support/coriolis';
import { loginToken } from '../sandbox/wire';

/**
 * Every fault that the sandbox knows, asked for when it starts and while it runs, and what two callers make of it: one who only knows HTTP, and the
 * core. A start is never sent a second time where it may have happened.
 */

/** How faults are asked for. */
const MEANS = {
  'by an option': (faults: readonly string[], clock: ManualClock) => startSandbox({ clock, faults }),
  'by the control route': async (faults: readonly string[], clock: ManualClock) => {
    const sandbox = await startSandbox({ clock });
    for (const fault of faults) {
      const { status } = await fetch(`${sandbox.url}/sandbox/faults`, {
        method: 'POST',
        body: JSON.stringify({ fault }),
      });
      expect(status).toBe(201);
    }
    return sandbox;
  },
} as const;
const ways = Object.keys(MEANS) as (keyof typeof MEANS)[];

let sandbox: Sandbox;
let clock: ManualClock;
/** How often a request to a path that ends so gets no answer in time: then nobody here waits for it. */
let silent: Map<string, number>;
/** What the core has sent, as `GET /endpoints`. */
let sent: string[];
afterEach(() => sandbox.stop());

async function begin(means: keyof typeof MEANS, faults: readonly string[]): Promise<void> {
  clock = new ManualClock();
  sent = [];
  silent = new Map();
  sandbox = await MEANS[means](faults, clock);
}

/** The patience with a request, in milliseconds: short only with one that a fault keeps waiting, so that a slow machine changes nothing. */
function patienceWith(url: string): number {
  const path = [...silent.keys()].find((end) => url.replace(/\?.*$/, '').endsWith(end));
  const left = path === undefined ? 0 : (silent.get(path) ?? 0);
  if (path === undefined || left === 0) return 60_000;
  silent.set(path, left - 1);
  return 300;
}

/** The core, impatient and on the sandbox's clock. */
function core(): Coriolis {
  const runtime = sleepingOn(clock);
  const counting: Transport = {
    send: async (request) => {
      sent.push(`${request.method} ${request.url.replace(/\?.*$/, '')}`);
      return await realFetch.send({ ...request, timeoutMs: patienceWith(request.url) });
    },
  };
  const transport = makeKeystoneSession({ transport: counting, runtime, identity: identityOf(sandbox) });
  return { ...runtime, client: new CoriolisClient({ transport, runtime }), reportProgress: () => undefined };
}

/** The ids of transfers that can be executed, found without a request that a fault waits for. */
async function transfers(): Promise<[string, string]> {
  const response = await raw('GET', '/transfers', await loginToken(sandbox));
  const { transfers: listed } = (await response.json()) as { transfers: { id: string }[] };
  return [listed[0]?.id ?? '', listed[1]?.id ?? ''];
}

const raw = (method: string, path: string, token: string, body?: object): Promise<Response> =>
  fetch(sandbox.coriolisUrl + path, {
    method,
    redirect: 'manual',
    signal: AbortSignal.timeout(patienceWith(path)),
    headers: { Accept: 'application/json', 'X-Auth-Token': token, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

/** What somebody sees who only knows HTTP. */
async function seen(answer: Promise<Response>): Promise<string> {
  let response;
  try {
    response = await answer;
  } catch (error) {
    return (error as Error).name === 'TimeoutError' ? 'no answer' : 'no connection';
  }
  const { status, headers } = response;
  const notes = [headers.get('Retry-After'), headers.get('Location')].filter((one) => one !== null);
  const head = [String(status), ...notes].join(' ');
  try {
    const body = await response.text();
    return headers.get('Content-Type') === 'text/html'
      ? `${head}, a page`
      : `${head}${body ? '' : ', no body'}`;
  } catch (error) {
    return `${head}, ${(error as Error).name === 'TimeoutError' ? 'unfinished' : 'broken off'}`;
  }
}

/** What the core makes of it: the result, or the words. */
const made = async (result: Promise<unknown>): Promise<string> => {
  try {
    await result;
    return 'answers';
  } catch (error) {
    const { name, message, advice = '' } = error as Error & { readonly advice?: string };
    return `${name}: ${message} ${advice}`;
  }
};

const requests = (method: string, path: string): number =>
  sent.filter((one) => one.startsWith(`${method} `) && one.endsWith(path)).length;

/** Whether a start has happened, as the executions of its transfer tell. */
async function started(transfer: string): Promise<number> {
  const response = await raw('GET', `/transfers/${transfer}/executions`, await loginToken(sandbox));
  const { executions } = (await response.json()) as { executions: { status: string }[] };
  return executions.filter(({ status }) => status === 'RUNNING').length;
}

interface Execution {
  readonly id: string;
  readonly status: string;
  readonly created_at: string;
}

interface Row {
  /** A fault of requests; it strikes as often as this table needs. */
  readonly fault: string;
  /** What a read and a start look like over HTTP. */
  readonly http: readonly [string, string];
  /** What the core makes of a read that is struck once, and how many it sends. */
  readonly once: readonly [string | RegExp, number];
  /** The same when every one is struck. */
  readonly always: readonly [string | RegExp, number];
  /** What the core makes of a start, and whether it has happened. */
  readonly start: readonly [string | RegExp, 0 | 1];
  /** How often a start is sent when not once: only when the first was refused before anything was done. */
  readonly posts?: number;
}

const UNCERTAIN =
  /^UncertainError: The answer to POST \/transfers\/\S+\/executions was lost, and nothing shows .* look in Coriolis before you repeat it/;
const PROXY =
  /^UnreachableError: A proxy in front of the server got no answer .* Check that the server is up/;
const BUSY =
  /^UnreachableError: Too many requests .*HTTP 429\) Nothing was done\. Ask less often, and try again/;
const PAGE = /^ProtocolError: .* was answered with a web page instead of JSON A proxy or a login page/;
const RESET = /^UnreachableError: 127\.0\.0\.1:\d+ closed the connection before it answered Try again/;
const NO_WORKER = /^CapabilityError: .* No running worker offers this platform/;
const ELSEWHERE =
  /^ProtocolError: .* was redirected to http:\/\/127\.0\.0\.1:9\/x; redirects are not followed/;
const LATE = /^TimeoutError: /;
const fine: Pick<Row, 'once' | 'always' | 'start'> = {
  once: ['answers', 1],
  always: ['answers', 1],
  start: ['answers', 1],
};
const proxy = (status: number, what: string): Row => ({
  fault: `${what}=${status}`,
  http: what === 'html' ? [`${status}, a page`, `${status}, a page`] : [`${status}`, `${status}`],
  once: ['answers', 2],
  always: [PROXY, 4],
  start: [UNCERTAIN, 0],
});

const TABLE: readonly Row[] = [
  { fault: 'latency=1', http: ['200', '200'], ...fine },
  {
    fault: 'latency=60000',
    http: ['no answer', 'no answer'],
    once: ['answers', 2],
    always: [LATE, 4],
    start: [UNCERTAIN, 0],
  },
  {
    fault: 'reset',
    http: ['no connection', 'no connection'],
    once: ['answers', 2],
    always: [RESET, 4],
    start: [UNCERTAIN, 0],
  },
  {
    fault: 'expire-tokens',
    http: ['401', '401'],
    once: ['answers', 2],
    always: [/^AuthenticationError: Coriolis refuses a token that Keystone has just issued/, 2],
    start: ['answers', 1],
    posts: 2,
  },
  {
    fault: 'status=429 retry-after=2',
    http: ['429 2', '429 2'],
    once: ['answers', 2],
    always: [BUSY, 4],
    start: [/ 429\) Nothing was done\. .* in 2 s\.$/, 0],
  },
  proxy(502, 'status'),
  proxy(504, 'status'),
  proxy(502, 'html'),
  proxy(503, 'html'),
  proxy(504, 'html'),
  {
    fault: 'status=503',
    http: ['503', '503'],
    once: [NO_WORKER, 1],
    always: [NO_WORKER, 1],
    start: [NO_WORKER, 0],
  },
  {
    fault: 'html=200',
    http: ['200, a page', '200, a page'],
    once: [PAGE, 1],
    always: [PAGE, 1],
    start: [UNCERTAIN, 0],
  },
  {
    fault: 'redirect=http://127.0.0.1:9/x',
    http: ['302 http://127.0.0.1:9/x, no body', '302 http://127.0.0.1:9/x, no body'],
    once: [ELSEWHERE, 1],
    always: [ELSEWHERE, 1],
    start: [UNCERTAIN, 0],
  },
  {
    fault: 'truncate',
    http: ['200, broken off', '200, broken off'],
    once: ['answers', 2],
    always: [RESET, 4],
    start: ['answers', 1],
  },
  { fault: 'slow-body=1', http: ['200', '200'], ...fine },
  {
    fault: 'slow-body=60000',
    http: ['200, unfinished', '200, unfinished'],
    once: ['answers', 2],
    always: [LATE, 4],
    start: ['answers', 1],
  },
  {
    fault: 'lost-answer',
    http: ['no connection', 'no connection'],
    once: ['answers', 2],
    always: [RESET, 4],
    start: ['answers', 1],
  },
];

describe.each(ways)('a fault of requests that is asked for %s', (means) => {
  it.each(TABLE)('$fault', async ({ fault, http, once, always, start, posts = 1 }) => {
    // Twice each: the first strikes who only knows HTTP, the second the core.
    await begin(means, [
      `GET /endpoints ${fault} times=2`,
      `GET /regions ${fault} times=always`,
      `POST /executions ${fault} times=2`,
    ]);
    const [mine, theirs] = await transfers();
    if (fault.endsWith('=60000')) {
      silent = new Map([
        ['/endpoints', 2],
        ['/regions', Infinity],
        ['/executions', 2],
      ]);
    }
    const coriolis = core();
    const execution = { execution: {} };

    expect([
      await seen(raw('GET', '/endpoints', await loginToken(sandbox))),
      await seen(raw('POST', `/transfers/${theirs}/executions`, await loginToken(sandbox), execution)),
    ]).toEqual(http);

    // The start comes before the reads that fail for good: after those, the core does not try to log in again at once.
    expect(await made(one(coriolis, 'execution.start', { transferId: mine }))).toEqual(like(start[0]));
    expect(requests('POST', '/executions')).toBe(posts);
    expect(await started(mine)).toBe(start[1]);

    expect(await made(rows(coriolis, 'endpoint.getAll'))).toEqual(like(once[0]));
    expect(requests('GET', '/endpoints')).toBe(once[1]);
    expect(await made(rows(coriolis, 'region.getAll'))).toEqual(like(always[0]));
    expect(requests('GET', '/regions')).toBe(always[1]);
  });
});

const like = (expected: string | RegExp): unknown =>
  typeof expected === 'string' ? expected : (expect.stringMatching(expected) as unknown);

describe.each(ways)('a world in which something is wrong, asked for %s', (means) => {
  it('stall: the execution stands still, and a wait for it says so', async () => {
    await begin(means, ['stall']);
    const coriolis = core();
    const [transferId] = await transfers();
    const { id: executionId } = await one<{ id: string }>(coriolis, 'execution.start', { transferId });

    const looks = [];
    for (let look = 0; look < 2; look += 1) {
      const answer = await raw(
        'GET',
        `/transfers/${transferId}/executions/${executionId}`,
        await loginToken(sandbox),
      );
      looks.push(((await answer.json()) as { execution: object }).execution);
      clock.advance(7200);
    }
    const waited = await one(coriolis, 'execution.wait', {
      transferId,
      executionId,
      timeoutSeconds: 7200,
      stallSeconds: 900,
    });

    expect(looks[0]).toMatchObject({ status: 'RUNNING' });
    expect(looks[1]).toEqual(looks[0]);
    expect(waited).toMatchObject({ outcome: 'stalled', status: 'RUNNING' });
  });

  it('silent-schedules: nothing runs, and a watch says that a run is missing', async () => {
    await begin(means, ['silent-schedules']);
    const [transferId] = await transfers();
    const minute = new Date(clock.now() + 120_000).getUTCMinutes();
    const token = await loginToken(sandbox);
    await raw('POST', `/transfers/${transferId}/schedules`, token, { schedule: { minute }, enabled: true });
    const stop = new AbortController();
    const coriolis = connectLibrary({ ...loginTo(sandbox), runtime: sleepingOn(clock) });

    const told: WatchEvent[] = [];
    let looks = 0;
    for await (const { events } of coriolis.watch({ kinds: ['schedule_missed'], signal: stop.signal })) {
      told.push(...events);
      looks += 1;
      if (told.length > 0 || looks > 100) stop.abort();
    }

    expect(await started(transferId)).toBe(0);
    expect(told).toEqual([expect.objectContaining({ event: 'schedule_missed', transfer_id: transferId })]);
  });

  it.each([
    ['clock-skew=3600', 3_600_000, 0, 'answers'],
    ['clock-skew=-3600', -3_600_000, 0, 'answers'],
    // Timestamps ahead of the header look new, those behind it old: then nothing proves the start.
    ['date-skew=-60', -60_000, 60_000, 'answers'],
    ['date-skew=60', 60_000, -60_000, UNCERTAIN],
  ] as const)(
    '%s: a lost start is judged by the clock of the server',
    async (fault, date, record, outcome) => {
      await begin(means, [fault, 'POST /executions lost-answer']);
      const coriolis = core();
      const [transferId] = await transfers();

      const answer = await raw('GET', '/endpoints', await loginToken(sandbox));
      const shown = Date.parse(answer.headers.get('Date') ?? '');
      expect(shown - clock.now()).toBe(date);
      await rows(coriolis, 'endpoint.getAll');
      const start = one(coriolis, 'execution.start', { transferId });
      const result = await made(start);
      const query = 'limit=1&sort_key=number&sort_dir=desc';
      const listed = await raw(
        'GET',
        `/transfers/${transferId}/executions?${query}`,
        await loginToken(sandbox),
      );
      const { executions } = (await listed.json()) as { executions: Execution[] };
      const [newest] = executions;

      expect(result).toEqual(like(outcome));
      expect(requests('POST', '/executions')).toBe(1);
      expect(newest?.status).toBe('RUNNING');
      if (outcome === 'answers') expect((await start)['id']).toBe(newest?.id);
      const behind =
        Date.parse(listed.headers.get('Date') ?? '') - Date.parse(`${newest?.created_at ?? ''}Z`);
      expect(Math.abs(behind + record)).toBeLessThan(20_000);
    },
  );
});
