import type { JsonObject } from '../../src/model/json';
import type { Endpoint } from '../../src/model/api-objects';
import { planWave } from '../../src/playbooks/wave/plan';
import { runWave } from '../../src/playbooks/wave/run-wave';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { ManualClock } from '../../sandbox/world/clock';
import { connect, sleepingOn } from '../support/coriolis';
import { machine, machines, runOptions, waveOf } from './estate';

/** A table of 500 machines in which one row is wrong: that row is named, and the others are planned and run. */

const COUNT = 500;

let clock: ManualClock;
let sandbox: Sandbox;
let coriolis: ReturnType<typeof connect>;
beforeAll(async () => {
  clock = new ManualClock();
  sandbox = await startSandbox({
    clock,
    speed: 100,
    machines: [
      ...machines(COUNT),
      machine('twin', { identifier: 'DC1/vm/a/twin' }),
      machine('twin', { identifier: 'DC1/vm/b/twin' }),
    ],
  });
  coriolis = connect(sandbox, sandbox.connection, sleepingOn(clock));
  const { endpoints } = await coriolis.client.get<{ endpoints: Endpoint[] }>('/endpoints');
  const vcenter = endpoints.find(({ name }) => name === 'vcenter');
  const { endpoint } = await coriolis.client.post<{ endpoint: Endpoint }>('/endpoints', {
    endpoint: {
      name: 'vcenter-down',
      type: vcenter?.type,
      description: '',
      connection_info: { ...vcenter?.connection_info, host: 'down.example.com' },
      mapped_regions: [],
    },
  });
  sandbox.faults.plan(`GET /endpoints/${endpoint.id}/instances status=500 times=always`);
});
afterAll(() => sandbox.stop());

/** The table with a change of the row in its middle. */
const tableWith = (bad: JsonObject): readonly JsonObject[] =>
  machines(COUNT).map(({ name }, index) =>
    index === COUNT / 2 ? { machine: name, ...bad } : { machine: name },
  );

const BAD = 'wave-251';

const ROWS: ReadonlyArray<readonly [what: string, bad: JsonObject, name: string, why: RegExp]> = [
  [
    'an error of the spreadsheet',
    { passes: '#N/A' },
    BAD,
    /^passes holds an error of the spreadsheet: #N\/A$/u,
  ],
  ['a number out of its range', { passes: '11' }, BAD, /10/u],
  ['a day that is none', { not_before: '31.12.2026' }, BAD, /is not a time in ISO 8601/u],
  ['a map that is none', { network_map: '{"VM Network": ' }, BAD, /network/iu],
  ['a name of a wave that cannot be one', { wave: 'W "1"' }, BAD, /wave/iu],
  [
    'a machine that the source does not have',
    { machine: 'ghost' },
    'ghost',
    /^the source has no machine of this name/u,
  ],
  ['a name that two machines have', { machine: 'twin' }, 'twin', /^several machines have this name: DC1/u],
  [
    'an unknown endpoint',
    { origin_endpoint_id: 'nowhere' },
    BAD,
    /no endpoint has the id or the name "nowhere"/u,
  ],
  ['its origin as destination', { destination_endpoint_id: 'vcenter' }, BAD, /are the same endpoint/u],
  [
    'a source that does not answer',
    { origin_endpoint_id: 'vcenter-down' },
    BAD,
    /^the source "vcenter-down" does not list/u,
  ],
  [
    'an unknown pool',
    { destination_minion_pool_id: 'none' },
    BAD,
    /no minion pool has the id or the name "none"/u,
  ],
  [
    'a network that the destination lacks',
    { network_map: { 'VM Network': 'none' } },
    BAD,
    /^the destination has no network "none"/u,
  ],
];

it.each(ROWS)(
  'with %s is named, and the others are ready',
  async (_what, bad, name, why) => {
    const { rows } = await planWave(coriolis, waveOf(tableWith(bad)));

    expect(rows).toHaveLength(COUNT);
    expect(
      rows.filter(({ problem }) => problem !== null).map((row) => [row.line, row.name, row.problem]),
    ).toEqual([[COUNT / 2 + 1, name, expect.stringMatching(why) as string]]);
  },
  600_000,
);

it('that names the machine of another row stops both, which name each other, and no third', async () => {
  const { rows } = await planWave(coriolis, waveOf(tableWith({ machine: 'wave-001' })));

  const why = 'rows 1, 251 of the table mean the same machine, wave-001';
  expect(rows.flatMap(({ line, problem }) => (problem === null ? [] : [[line, problem]]))).toEqual([
    [1, why],
    [COUNT / 2 + 1, why],
  ]);
}, 600_000);

it('without a machine is left out with its number, and the others are ready', async () => {
  const { rows, leftOut } = await planWave(coriolis, waveOf(tableWith({ machine: '', owner: 'Anna' })));

  expect(leftOut).toEqual([{ line: COUNT / 2 + 1, name: '', reason: 'it names no machine' }]);
  expect(rows.filter(({ problem }) => problem === null)).toHaveLength(COUNT - 1);
}, 600_000);

it('is left out of the run of the others, and of the run after it was mended', async () => {
  const input = waveOf(tableWith({ passes: '#N/A' }));
  const { hash } = await planWave(coriolis, input);
  const board = await runWave(
    coriolis,
    input,
    runOptions(hash, { until: 'prepared', timeoutSeconds: 0, maxParallel: 1 }),
  );

  expect(board).toMatchObject({ machines: COUNT, failed: 1 });
  expect(board.rows.filter(({ stage }) => stage === 'blocked').map((row) => row.machine)).toEqual([BAD]);
  expect(sandbox.requests.count('POST', /\/transfers$/u)).toBe(COUNT - 1);

  // The approval of the others holds; the mended row needs one of its own.
  const mended = await runWave(
    coriolis,
    waveOf(tableWith({})),
    runOptions(hash, { until: 'prepared', timeoutSeconds: 0, maxParallel: 1 }),
  );
  expect(mended.rows.filter(({ stage }) => stage === 'refused').map((row) => row.machine)).toEqual([BAD]);
  expect(sandbox.requests.count('POST', /\/transfers$/u)).toBe(COUNT - 1);
}, 600_000);
