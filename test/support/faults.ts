import type { Sandbox } from '../../sandbox/sandbox';
import { loginToken } from '../sandbox/wire';

/** What somebody at a face reads of a start whose request met a fault, and whether it has happened. */
export interface Meeting {
  /** As `coriolis-sandbox --fault` takes it, without the requests that it strikes. */
  readonly fault: string;
  /** What a read says that meets it once; nothing when it answers all the same. */
  readonly read?: RegExp;
  /** The same of a start; nothing when it is found, and shown as started. */
  readonly start?: RegExp;
  readonly happened: boolean;
}

const UNCERTAIN =
  /The answer to POST \S+ was lost, and nothing shows that it happened[^]*look in Coriolis before you repeat it/;
const PAGE = /answered with a web page instead of JSON[^]*proxy or a login page/;

/** The same in both faces, word for word; what the core and plain HTTP make of them stands in test/operations/faults.test.ts. */
export const MEETINGS: readonly Meeting[] = [
  { fault: 'latency=20', happened: true },
  { fault: 'slow-body=20', happened: true },
  { fault: 'expire-tokens', happened: true },
  { fault: 'truncate', happened: true },
  { fault: 'lost-answer', happened: true },
  { fault: 'reset', start: UNCERTAIN, happened: false },
  { fault: 'status=502', start: UNCERTAIN, happened: false },
  { fault: 'status=504', start: UNCERTAIN, happened: false },
  { fault: 'html=503', start: UNCERTAIN, happened: false },
  {
    fault: 'status=429 retry-after=1',
    start: /Too many requests [^]*HTTP 429\)[^]*Nothing was done\. Ask less often, and try again in 1 s/,
    happened: false,
  },
  {
    fault: 'status=503',
    read: /No running worker offers this platform/,
    start: /No running worker offers this platform/,
    happened: false,
  },
  { fault: 'html=200', read: PAGE, start: UNCERTAIN, happened: false },
];

/** What a face made of a request. */
export interface Told {
  readonly failed: boolean;
  /** The row or the words. */
  readonly text: string;
}

export interface Met {
  readonly read: Told;
  readonly start: Told;
  /** How often the start was sent; a refusal of its token does not count, for nothing was done then. */
  readonly sent: number;
  /** How many executions run for it. */
  readonly running: number;
}

/** Lets a face meet every fault, each with a transfer of its own and all at the same time: some take a quarter of a minute. */
export async function meetFaults(
  sandbox: Sandbox,
  face: {
    readonly read: (transfer: string) => Promise<Told>;
    readonly start: (transfer: string) => Promise<Told>;
  },
): Promise<ReadonlyMap<Meeting, Met>> {
  const ask = async (path: string, key: string): Promise<readonly Entry[]> => {
    const headers = { 'X-Auth-Token': await loginToken(sandbox) };
    const answer = await fetch(sandbox.coriolisUrl + path, { headers });
    return ((await answer.json()) as { readonly [key: string]: readonly Entry[] })[key] ?? [];
  };
  const idle = (await ask('/transfers', 'transfers')).filter(
    ({ last_execution_status: status }) => status === 'COMPLETED' || status === 'ERROR',
  );
  const meetings = MEETINGS.map((meeting, place) => ({ meeting, id: idle[place]?.id ?? '' }));
  for (const { meeting, id } of meetings) {
    sandbox.faults.plan(`GET /transfers/${id} ${meeting.fault}`);
    sandbox.faults.plan(`POST /transfers/${id}/executions ${meeting.fault}`);
  }
  const meet = async ({ meeting, id }: (typeof meetings)[number]): Promise<readonly [Meeting, Met]> => {
    const read = await face.read(id);
    const start = await face.start(id);
    const sent = sandbox.requests.entries.filter(
      ({ method, path, status }) =>
        method === 'POST' && path.endsWith(`/transfers/${id}/executions`) && status !== 401,
    ).length;
    const executions = await ask(`/transfers/${id}/executions`, 'executions');
    return [
      meeting,
      { read, start, sent, running: executions.filter(({ status }) => status === 'RUNNING').length },
    ];
  };
  const isAlone = ({ meeting }: (typeof meetings)[number]): boolean => meeting.fault === 'expire-tokens';
  // It ends the tokens of all: the others come when it is over.
  const first = await Promise.all(meetings.filter(isAlone).map(meet));
  return new Map([...first, ...(await Promise.all(meetings.filter((one) => !isAlone(one)).map(meet)))]);
}

interface Entry {
  readonly id: string;
  readonly status?: string;
  readonly last_execution_status?: string;
}

/** What each face must have made of a fault. */
export function expectMet({ read, start, happened }: Meeting, met: Met | undefined): void {
  expect(met?.read).toEqual(read === undefined ? like(false, /\S/) : like(true, read));
  expect(met?.start).toEqual(start === undefined ? like(false, /transfer_execution/) : like(true, start));
  expect(met).toMatchObject({ sent: 1, running: happened ? 1 : 0 });
}

const like = (failed: boolean, words: RegExp): Told => ({
  failed,
  text: expect.stringMatching(words) as string,
});
