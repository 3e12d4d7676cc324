import type { Coriolis } from '../../../../src/api/operation-context';
import type { Execution, Instance, Transfer } from '../../../../src/model/api-objects';
import {
  estimateCopySeconds,
  fetchCopyPace,
  paceOfThroughput,
  computeTotalDiskSizeGib,
} from '../../../../src/playbooks/wave/copy-pace';

const GIB = 1024 ** 3;
const BEGIN = Date.parse('2026-12-05T22:00:00Z');

interface Past {
  readonly instances?: readonly string[];
  readonly status?: string;
  /** Seconds of its executions by number; negative for those that failed. */
  readonly seconds: Readonly<Record<number, number>>;
  readonly sizes?: ReadonlyArray<number | undefined>;
}

/** Measures the pace of earlier transfers, as a server would answer for them. */
function paceOf(past: readonly Past[]) {
  const at = (path: string): Past => past[Number(/\d+/u.exec(path)?.[0])] ?? { seconds: {} };
  const executions = (path: string) =>
    Object.entries(at(path).seconds).map(
      ([number, seconds]) =>
        ({
          number: Number(number),
          type: 'transfer_execution',
          status: seconds < 0 ? 'ERROR' : 'COMPLETED',
          created_at: new Date(BEGIN).toISOString(),
          updated_at: new Date(BEGIN + Math.abs(seconds) * 1000).toISOString(),
        }) as Execution,
    );
  const client = {
    getWithDate: (path: string) => Promise.resolve({ body: { executions: executions(path) }, date: BEGIN }),
    get: (path: string) => Promise.resolve({ instance: instanceOf(at(path).sizes ?? [10]) }),
  };
  const transfers = past.map(
    ({ instances = ['m'], status = 'COMPLETED' }, index) =>
      ({
        id: `t-${index}`,
        origin_endpoint_id: `e-${index}`,
        instances,
        last_execution_status: status,
      }) as unknown as Transfer,
  );
  return fetchCopyPace({ client } as unknown as Coriolis, transfers);
}

const instanceOf = (sizes: ReadonlyArray<number | undefined>): Instance =>
  ({
    devices: { disks: sizes.map((gib) => (gib === undefined ? {} : { size_bytes: gib * GIB })) },
  }) as unknown as Instance;

describe('the pace of first copies', () => {
  it('is the quickest and the slowest of earlier ones, and not that of syncs of changes', async () => {
    expect(await paceOf([{ seconds: { 1: 100, 2: 3 } }, { seconds: { 1: 50, 2: 400 } }])).toEqual({
      secondsPerGib: { low: 5, high: 10 },
      source: 'history',
    });
  });

  it.each<readonly [what: string, past: Past]>([
    ['whose first copy failed', { seconds: { 1: -100, 2: 300 } }],
    ['that were never synced', { seconds: {} }],
    ['of several machines, which share the time', { instances: ['a', 'b'], seconds: { 1: 100 } }],
    ['that failed last', { status: 'ERROR', seconds: { 1: 100 } }],
    ['of disks of unknown size', { sizes: [10, undefined], seconds: { 1: 100 } }],
    ['of no size', { sizes: [0], seconds: { 1: 100 } }],
    ['that took no time', { seconds: { 1: 0 } }],
  ])('is not measured from transfers %s', async (_what, past) => {
    expect(await paceOf([past])).toBeUndefined();
    const other: Past = { seconds: { 1: 80 } };
    expect(await paceOf([past, other])).toMatchObject({ secondsPerGib: { low: 8, high: 8 } });
  });

  it('is that of a stated throughput, up to a slow one', () => {
    // 10 GiB are 85,899 megabits.
    const pace = paceOfThroughput(1000);
    expect(pace.source).toBe('stated');
    expect(estimateCopySeconds(10, pace)).toEqual({ low: 86, high: 138 });
    expect(estimateCopySeconds(null, pace)).toBeNull();
    expect(estimateCopySeconds(10, undefined)).toBeNull();
  });
});

it('adds up the sizes of all disks, and knows none when one is unknown', () => {
  expect(computeTotalDiskSizeGib(instanceOf([10, 2.5]))).toBe(12.5);
  expect(computeTotalDiskSizeGib(instanceOf([10, undefined]))).toBeNull();
  expect(computeTotalDiskSizeGib(undefined)).toBeNull();
});
