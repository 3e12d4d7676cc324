import fc from 'fast-check';
import { parseCsv } from '../../../src/model/csv';

const quoted = (value: string): string => `"${value.replaceAll('"', '""')}"`;

describe('rows of a CSV text', () => {
  it('come under the names of the first line', () => {
    expect(parseCsv('VM ID,VM Name\r\n1,web-01\r\n2,db-01\r\n')).toEqual([
      { 'VM ID': '1', 'VM Name': 'web-01' },
      { 'VM ID': '2', 'VM Name': 'db-01' },
    ]);
  });

  it('may hold commas, quotes and line breaks', () => {
    expect(parseCsv('name,note\n"a, b","say ""hi""\nand go"\n')).toEqual([
      { name: 'a, b', note: 'say "hi"\nand go' },
    ]);
  });

  it('are filled up when they are short, and a nameless column has a number', () => {
    expect(parseCsv('name,,size\nweb-01\n,x,\n')).toEqual([
      { name: 'web-01', column_2: '', size: '' },
      { name: '', column_2: 'x', size: '' },
    ]);
  });

  it.each(['', 'name,size', 'name,size\r\n', '\n\n'])('are none in %j', (text) => {
    expect(parseCsv(text)).toEqual([]);
  });

  it('end although quotes are wrong', () => {
    expect(parseCsv('name,size\na"b,1\n"open,2\nweb-01,3')).toHaveLength(3);
  });

  it('read back whatever was written', () => {
    const value = fc.string();
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { minLength: 1 }), (records) => {
        const text = records.map((record) => record.map(quoted).join(',')).join('\r\n');

        expect(parseCsv(`one,other\r\n${text}`)).toEqual(records.map(([one, other]) => ({ one, other })));
      }),
    );
  });
});
