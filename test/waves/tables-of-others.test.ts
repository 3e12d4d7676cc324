import { readTableRows, readTableText } from '../../src/model/table/machine-table';
import { readWaveRow, readWaveTable } from '../../src/playbooks/wave/wave-input';

/** Tables in other languages, and values that can be read in two ways: what is refused says what to do. */

const refusalOf = (table: string): { readonly message: string; readonly advice: string | undefined } => {
  try {
    readWaveTable({ table, rows: undefined });
  } catch (error) {
    return error as never;
  }
  throw new Error('the table was read');
};

describe('a table without a column that names machines', () => {
  it.each([
    [
      'a list of the vSphere client in German',
      'Virtuelle Maschine;Zustand;Bereitgestellter Speicherplatz;Verwendeter Speicherplatz\nweb-01;Eingeschaltet;40,5 GB;12 GB',
      ['Virtuelle Maschine', 'Zustand', 'Bereitgestellter Speicherplatz', 'Verwendeter Speicherplatz'],
    ],
    [
      'in French',
      '\uFEFF"Nom de la VM";"État";"Espace provisionné"\r\n"web-01";"Sous tension";"40 Go"',
      ['Nom de la VM', 'État', 'Espace provisionné'],
    ],
    [
      'in Spanish',
      'Máquina virtual,Estado,Espacio aprovisionado\nweb-01,Encendida,40 GB',
      ['Máquina virtual', 'Estado', 'Espacio aprovisionado'],
    ],
    [
      'below a title',
      'Inventario de agosto\n\nNombre de VM,Estado\nweb-01,Encendida',
      ['Nombre de VM', 'Estado'],
    ],
  ])('%s: the refusal lists its columns, what is accepted and what to do', (_what, table, columns) => {
    const { message, advice } = refusalOf(table);
    expect(message).toBe(
      `No column of the table names machines. Its columns: ${columns.map((one) => `"${one}"`).join(', ')}.`,
    );
    expect(advice).toContain('Name the column with the machines "machine"');
    expect(advice).toContain('RVTools vInfo (VM)');
  });

  it('lists few of very many columns, and short ones', () => {
    const { message } = refusalOf(
      Array.from({ length: 400 }, (_one, at) => `${'x'.repeat(300)} ${at}`).join(','),
    );
    expect(message.length).toBeLessThan(1000);
    expect(message).toMatch(/and 388 more\.$/u);
  });

  it('of JSON rows has columns, too, and one without any says so', () => {
    expect(() => readWaveTable({ table: undefined, rows: [{ Nombre: 'web-01', Estado: 1 }] })).toThrow(
      'Its columns: "Nombre", "Estado".',
    );
    expect(refusalOf('').message).toBe('No column of the table names machines. It has no columns.');
  });
});

it.each([['12/5/2026'], ['05.12.2026 22:00'], ['5 dic 2026'], ['2026-13-05']])(
  'a time that can be read in two ways, or in none, is shown with what to write: %s',
  (given) => {
    const row = readTableRows([{ machine: 'a', 'Not before': given }])?.rows[0];
    const { problem } = readWaveRow(row as never, { wave: 'W' });
    expect(problem).toBe(
      `Not Before (notBefore): "${given}" is not a time in ISO 8601, which tells day and month apart: write 2026-12-05T22:00+01:00 or 2026-12-05.`,
    );
  },
);

describe('sizes', () => {
  const sizesOf = (rows: readonly string[]): readonly unknown[] =>
    readTableRows(rows.map((size) => ({ machine: 'a', 'Disk MB': size })))?.rows.map(
      ({ disksGb }) => disksGb && disksGb * 1024,
    ) ?? [];

  it.each<readonly [what: string, cells: readonly string[], mib: readonly number[]]>([
    ['German', ['40.960', '1.024,5', '512'], [40_960, 1024.5, 512]],
    ['German, with one decimal comma somewhere', ['40.960', '2,5'], [40_960, 2.5]],
    ['German, with millions', ['40.960', '1.048.576'], [40_960, 1_048_576]],
    ['English', ['40,960', '1,024.5'], [40_960, 1024.5]],
    ['French, with no-break spaces', ['40\u202F960', '1\u00A0024,5'], [40_960, 1024.5]],
    ['Swiss', ["40'960", '1’024.5'], [40_960, 1024.5]],
    ['Indian', ['10,48,576', '40,960'], [1_048_576, 40_960]],
    ['without any sign', ['40960'], [40_960]],
  ])('%s: one value shows how the others of its table are written', (_what, cells, mib) => {
    expect(sizesOf(cells)).toEqual(mib);
  });

  it('with decimal points between semicolons are read by what they show', () => {
    expect(
      readTableText('machine;disk_mb\na;40,960\nb;"1,024.5"')?.rows.map(({ disksGb }) => disksGb),
    ).toEqual([40, 1024.5 / 1024]);
  });
});
