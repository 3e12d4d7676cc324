import fc from 'fast-check';
import type { JsonObject } from '../../src/model/json';
import { planWave } from '../../src/playbooks/wave/plan';
import { readGivenReport } from '../../src/playbooks/report/report-verification';
import { runWave } from '../../src/playbooks/wave/run-wave';
import { startSandbox } from '../../sandbox/sandbox';
import { ManualClock } from '../../sandbox/world/clock';
import { connect, one, sleepingOn } from '../support/coriolis';
import { machine, runOptions, waveOf } from './estate';

/**
 * One changed byte anywhere in what is kept of a wave or a drill: the report, its page, the result with both. Each change is
 * found without the server, or leaves no report at all.
 */

/** Texts of what is kept, by name, and how each is given for verification. */
type Kept = ReadonlyArray<readonly [what: string, text: string, read: (text: string) => JsonObject]>;

let kept: Kept = [];
beforeAll(async () => {
  const clock = new ManualClock();
  const sandbox = await startSandbox({
    clock,
    speed: 10,
    machines: ['Büro (1)', 'm-2'].map((name) => machine(name)),
  });
  const coriolis = connect(sandbox, sandbox.connection, sleepingOn(clock));
  const input = waveOf([{ machine: 'Büro (1)' }, { machine: 'm-2' }, { machine: 'ghost' }]);
  const { hash } = await planWave(coriolis, input);
  const { actions } = await runWave(coriolis, input, runOptions(hash));
  const plan = await one(coriolis, 'wave.plan', {
    rows: input.rows,
    originEndpointId: input.originEndpointId,
    destinationEndpointId: input.destinationEndpointId,
    networkMap: { '*': 'private' },
  });
  const wave = await one<{ report: JsonObject; html: string }>(coriolis, 'wave.report', {
    wave: 'Wave 1',
    planHash: hash,
    plan,
    approvals: [{ by: 'Änna 🙂', at: '2026-12-05T20:00:00Z', reference: 'CHG-7', rows: ['m-2'] }],
    actions,
    html: true,
  });
  const json = JSON.parse.bind(JSON) as (text: string) => JsonObject;
  const reportHash = wave.report['report_hash'];
  kept = [
    ['the report', JSON.stringify(wave.report), json],
    ['report and page', JSON.stringify({ report: wave.report, html: wave.html }), json],
    ['the page', wave.html, (html) => ({ html })],
    ['the page beside the hash that was kept', wave.html, (html) => ({ html, report_hash: reportHash })],
  ];
  await sandbox.stop();
});

/** Whether a text, given for verification, shows a difference or is no report at all. */
function isFound(bytes: Buffer, read: (text: string) => JsonObject): boolean {
  try {
    return readGivenReport(read(bytes.toString('utf8'))).offlineDifferences.length > 0;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return true;
    throw error;
  }
}

function withByte(text: string, at: number, by: number): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  const place = at % bytes.length;
  bytes[place] = (bytes[place] ?? 0) ^ by;
  return bytes;
}

const around = (text: string, at: number): string => {
  const bytes = Buffer.from(text, 'utf8');
  const place = at % bytes.length;
  return bytes.subarray(Math.max(0, place - 30), place + 30).toString('utf8');
};

it('agrees unchanged', () => {
  for (const [what, text, read] of kept)
    expect([what, readGivenReport(read(text)).offlineDifferences]).toEqual([what, []]);
});

it('is found in a hash that was kept beside the report', () => {
  const [, text = '', read = (): JsonObject => ({})] = kept[0] ?? [];
  const report = read(text);
  expect(readGivenReport({ report, report_hash: report['report_hash'] }).offlineDifferences).toEqual([]);
  expect(readGivenReport({ report, report_hash: '0'.repeat(64) }).offlineDifferences).toEqual([
    'the report has another hash than the one that was kept',
  ]);
});

it('is found wherever it is', () => {
  fc.assert(
    fc.property(
      fc.nat({ max: kept.length - 1 }),
      fc.nat({ max: 2 ** 30 }),
      fc.integer({ min: 1, max: 255 }),
      (which, at, by) => {
        const [what = '', text = '', read = (): JsonObject => ({})] = kept[which] ?? [];
        expect([what, around(text, at), isFound(withByte(text, at, by), read)]).toEqual([
          what,
          expect.any(String),
          true,
        ]);
      },
    ),
    { numRuns: 500 },
  );
});

it('is found in each byte of the names of the parts, of the manifest and of the seal', () => {
  for (const [what, text, read] of kept) {
    const length = Buffer.byteLength(text);
    const ends = [
      ...Array.from({ length: 40 }, (_one, at) => at),
      ...Array.from({ length: 160 }, (_one, at) => length - 1 - at),
    ];
    const names = [...text.matchAll(/"(?:report|html|manifest|report_hash)":/gu)].flatMap(
      ({ 0: name, index }) => {
        const begin = Buffer.byteLength(text.slice(0, index));
        return Array.from({ length: name.length }, (_one, at) => begin + at);
      },
    );
    for (const at of [...ends, ...names])
      for (const by of [1, 4])
        expect([what, around(text, at), isFound(withByte(text, at, by), read)]).toEqual([
          what,
          expect.any(String),
          true,
        ]);
  }
});
