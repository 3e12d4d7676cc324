import { readTableRows } from '../../../../src/model/table/machine-table';
import { readWaveRow, type WaveRow } from '../../../../src/playbooks/wave/wave-input';
import type { JsonObject } from '../../../../src/model/json';

const rowOf = (cells: JsonObject): WaveRow => {
  const row = readTableRows([{ machine: 'a', ...cells }])?.rows[0];
  if (row === undefined) throw new Error('the table has no row');
  return readWaveRow(row, { wave: 'W 1' });
};

describe('a row of a table', () => {
  it.each([
    ['WAHR', true],
    ['Oui', true],
    ['x', true],
    [1, true],
    ['on', true],
    ['FALSCH', false],
    ['nein', false],
    ['-', false],
    [0, false],
    [false, false],
  ])('reads %j as a boolean', (given, value) => {
    expect(rowOf({ shutdown_instances: given, clone_disks: given, skip_os_morphing: given })).toMatchObject({
      problem: undefined,
      overrides: { shutdownInstances: value, cloneDisks: value, skipOsMorphing: value },
    });
  });

  it.each([
    ['2026-12-05T22:00+01:00', '2026-12-05T21:00:00Z'],
    ['2026-12-05 22:00:00.000', '2026-12-05T22:00:00Z'],
    ['2026-12-05', '2026-12-05T00:00:00Z'],
    // Days since 1900, as spreadsheets store them; the parts of a day are not exact.
    [46_361.9166666667, '2026-12-05T22:00:00Z'],
    ['46361', '2026-12-05T00:00:00Z'],
    [new Date('2026-12-05T22:00:00Z'), '2026-12-05T22:00:00Z'],
  ])('reads %j as a time', (given, time) => {
    expect(rowOf({ 'Not before': given })).toMatchObject({ problem: undefined, notBefore: time });
  });

  it.each([
    // Which of the two is the month?
    [{ not_before: '12/5/2026' }, 'is not a time'],
    [{ not_before: '2026-02-30' }, 'is not a time'],
    [{ not_before: 5 }, 'is not a time'],
    [{ wave: '#N/A' }, 'wave holds an error of the spreadsheet: #N/A'],
    [{ order: '#DIV/0!' }, 'order holds an error of the spreadsheet'],
    [{ shutdown: 'perhaps' }, 'must be true or false'],
    [{ passes: 11 }, 'passes'],
    [{ network_map: 'VLAN 10:private' }, 'source=destination'],
  ])('with %j has a problem, and nothing is guessed', (cells, message) => {
    expect(rowOf(cells).problem).toContain(message);
  });
});
