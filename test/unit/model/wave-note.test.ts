import fc from 'fast-check';
import { parseWaveNote, appendWaveNote, WAVE_NAME_FORMAT, type WaveNote } from '../../../src/model/wave-note';

const waveNotes: fc.Arbitrary<WaveNote> = fc.record({
  wave: fc.string({ minLength: 1, maxLength: 60 }).filter((name) => WAVE_NAME_FORMAT.test(name)),
  shortPlanHash: fc.stringMatching(/^[0-9a-f]{12}$/),
  settingsHash: fc.stringMatching(/^[0-9a-f]{32}$/),
  disksHash: fc.option(fc.stringMatching(/^[0-9a-f]{16}$/)),
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

  it.each([null, '', 'web-01', '[wave "x"]', '[migration passes=2]', '[wave "x" plan=1 row=2 passes=1]'])(
    'is none in %j',
    (notes) => {
      expect(parseWaveNote(notes)).toBeUndefined();
    },
  );
});
