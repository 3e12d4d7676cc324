import { appendMigrationPlan } from '../../../src/model/migration-plan';
import { displayNameOf } from '../../../src/model/display-texts';
import { appendWaveNote } from '../../../src/model/wave-note';

const plan = { passes: 2, shutdown: true, skipOsMorphing: false, runKey: 'order-17' };
const wave = {
  wave: 'Wave 7',
  shortPlanHash: '3f2a00000000',
  settingsHash: '9c1e'.repeat(8),
  disksHash: '5d3c'.repeat(4),
  start: { order: 2, notBefore: '2026-12-05T22:00:00Z' },
  passes: 1,
  shutdown: true,
  clone: false,
  skipOsMorphing: false,
  gib: 57.5,
};

describe('the name of a transfer for people', () => {
  it.each([
    ['its notes', ' Shop database ', 'Shop database'],
    ['its machines without notes', null, 'db-01, db-02'],
    ['its machines with blank notes', '  ', 'db-01, db-02'],
    [
      'its notes without the plan of a migration',
      appendMigrationPlan('Shop database', plan),
      'Shop database',
    ],
    ['its machines when only a plan is written', appendMigrationPlan(undefined, plan), 'db-01, db-02'],
    ['its notes without the note of a wave', appendWaveNote('Shop database', wave), 'Shop database'],
    ['its machines when only the note of a wave is written', appendWaveNote('', wave), 'db-01, db-02'],
    ['its notes with brackets of its own', '[PROD] shop [old]', '[PROD] shop [old]'],
  ])('is %s', (_what, notes, name) => {
    expect(displayNameOf({ notes, instances: ['db-01', 'db-02'] })).toBe(name);
  });
});
