import fc from 'fast-check';
import { parseWaveNote, appendWaveNote, WAVE_NAME_FORMAT, type WaveNote } from '../../../src/model/wave-note';

const waveNotes: fc.Arbitrary<WaveNote> = fc.record({
  wave: fc.string({ minLength: 1, maxLength: 60 }).filter((name) => WAVE_NAME_FORMAT.test(name)),
  shortPlanHash: fc.stringMatching(/^[0-9a-f]{12}$/),
  settingsHash: fc.stringMatching(/^[0-9a-f]{32}$/),
  disksHash: fc.option(fc.stringMatching(/^[0-9a-f]{16}$/)),
  start: fc.option(
    fc.record({
      order: fc.integer({ min: 0, max: 100_000 }),
      notBefore: fc.option(
        fc
          .date({ min: new Date(0), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true })
          .map((at) => at.toISOString().replace('.000Z', 'Z')),
      ),
    }),
  ),
  passes: fc.integer({ min: 1, max: 10 }),
  shutdown: fc.boolean(),
  clone: fc.boolean(),
  skipOsMorphing: fc.boolean(),
  gib: fc.option(fc.integer({ min: 0, max: 9_999_999 }).map((tenths) => tenths / 10)),
});

describe('the note of a wave', () => {
  it('is read from notes as it was written, whatever stands before it', () => {
    fc.assert(
      fc.property(fc.string(), waveNotes, (notes, waveNote) => {
        expect(parseWaveNote(appendWaveNote(notes, waveNote))).toEqual({ waveNote, notes: notes.trim() });
      }),
    );
  });

  it('of release 0.1.0 is read, without disks and without the time of the start', () => {
    const words = `wave "W" plan=${'3f2a'.repeat(3)} row=${'9c1e'.repeat(8)} passes=2 shutdown`;
    expect(parseWaveNote(`Shop [${words}]`)).toMatchObject({
      notes: 'Shop',
      waveNote: { passes: 2, disksHash: null, start: null },
    });
    const before = `[disks=${'5d3c'.repeat(4)}]`;
    expect(parseWaveNote(`Shop ${before} [${words}]`)).toMatchObject({
      notes: 'Shop',
      waveNote: { disksHash: '5d3c'.repeat(4), start: null },
    });
  });

  it.each([null, '', 'web-01', '[wave "x"]', '[migration passes=2]', '[wave "x" plan=1 row=2 passes=1]'])(
    'is none in %j',
    (notes) => {
      expect(parseWaveNote(notes)).toBeUndefined();
    },
  );
});
