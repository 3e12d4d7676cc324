import fc from 'fast-check';
import { parseQuantity } from '../../../../src/model/table/spreadsheet-number';
import { readTableRows, readTableText } from '../../../../src/model/table/machine-table';

const RVTOOLS = `VM,Powerstate,Template,SRM Placeholder,Provisioned MiB,VM UUID,Datacenter,Folder,Owner
web-01,poweredOn,False,False,"40,960",5034-1,DC1,/Web,Anna
golden,poweredOff,True,False,20480,5034-2,DC1,/,
shadow,poweredOff,False,True,20480,5034-3,DC1,/,
,,,,,,,,
`;

describe('a table of machines', () => {
  it('of RVTools leaves out templates and placeholders, with the reason, and keeps unknown columns as tags', () => {
    expect(readTableText(RVTOOLS)).toMatchObject({
      format: 'rvtools',
      rows: [
        {
          line: 1,
          name: 'web-01',
          ids: ['5034-1'],
          paths: ['DC1/vm/Web/web-01', 'DC1/Web/web-01', 'Web/web-01'],
          disksGb: 40,
          tags: { Owner: 'Anna' },
        },
      ],
      leftOut: [
        { line: 2, name: 'golden', reason: 'it is a template' },
        { line: 3, name: 'shadow', reason: 'it is a placeholder of Site Recovery Manager' },
      ],
      unknownColumns: ['Owner'],
    });
  });

  it.each([
    ['rvtools', 'VM,Powerstate,Template\na,on,False', 'a'],
    // An older export.
    ['rvtools', 'VM,Powerstate,Provisioned MB,In use MB,vCenter UUID\na,on,1024,10,x', 'a'],
    ['azure_migrate', 'Server name,Cores,Memory (In MB),OS name\na,2,4096,Linux', 'a'],
    ['azure_migrate', '*Server name,IP addresses,*Cores,*Memory\na,192.0.2.1,2,4096', 'a'],
    ['aws_mgn', 'mgn:wave:name,mgn:app:name,mgn:server:user-provided-id\nW1,shop,a', 'a'],
    ['aws_mgn', 'mgn:wave:name,mgn:server:fqdn-for-action-framework\nW1,a.example.com', 'a.example.com'],
    ['coriolis_inventory', 'vm_id,vm_name,firmware,num_cpu,memory_mb,os_type\n1,a,BIOS,2,4096,linux', 'a'],
    ['coriolis_inventory', 'VM ID,VM Name,Guest OS,Num CPUs,Memory (MB)\n1,a,linux,2,4096', 'a'],
    ['own', 'machine,wave\na,W1', 'a'],
    ['own', 'Name\na', 'a'],
    ['own', '[{"machine": "a", "passes": 2}]', 'a'],
  ])('is recognised as %s: %s', (format, text, name) => {
    expect(readTableText(text)).toMatchObject({ format, rows: [{ name }] });
  });

  it.each([['size,owner\n1,x'], [''], ['[1, 2]'], ['{}']])(
    'is none when no column names machines: %j',
    (text) => {
      expect(readTableText(text)).toBeUndefined();
    },
  );

  it('has the wave of AWS, and columns of ours in any format', () => {
    expect(
      readTableText('mgn:wave:name,mgn:server:user-provided-id,Passes\nW 7,a,3')?.rows[0]?.settings,
    ).toEqual({
      wave: 'W 7',
      passes: '3',
    });
    expect(
      readTableText('VM,Powerstate,Template,network_map,Not Before\na,on,False,"{""x"": ""y""}",2026-12-05')
        ?.rows[0]?.settings,
    ).toEqual({ networkMap: '{"x": "y"}', notBefore: '2026-12-05' });
  });

  it.each([
    ['a byte order mark', '\uFEFFmachine,wave\r\na,W1\r\nb,W1'],
    ['semicolons', 'machine;wave\na;W1\nb;W1'],
    ['tabs', 'machine\twave\na\tW1\nb\tW1'],
    ["Excel's line of the separator", 'sep=;\r\nmachine;wave\r\na;W1\r\nb;W1\r\n'],
    ['quotes and line breaks', '"machine","wave"\n"a","W1"\n"b",W1'],
    ['old line ends', 'machine,wave\ra,W1\rb,W1'],
  ])('may have %s', (_what, text) => {
    expect(readTableText(text)?.rows.map(({ name, settings }) => [name, settings['wave']])).toEqual([
      ['a', 'W1'],
      ['b', 'W1'],
    ]);
  });

  it('reads decimal commas where semicolons divide the values', () => {
    const text = 'Server name;Cores;Disk 1 size (In GB);Disk 2 size (In GB)\na;2;40,5;1.024,5';
    expect(readTableText(text)?.rows[0]?.disksGb).toBe(1065);
  });

  it('of 5,000 rows is read at once', () => {
    const rows = Array.from(
      { length: 5000 },
      (_one, index) => `vm-${index},poweredOn,False,"note, ""${index}"""`,
    );
    const begun = process.cpuUsage();
    const table = readTableText(`VM,Powerstate,Template,Annotation\n${rows.join('\n')}`);
    expect(table?.rows).toHaveLength(5000);
    expect(table?.rows.at(-1)?.tags).toEqual({ Annotation: 'note, "4999"' });
    expect(process.cpuUsage(begun).user / 1e6).toBeLessThan(5);
  });

  it('is the same as objects and as the CSV of them', () => {
    const cell = fc
      .string({ minLength: 1 })
      .map((text) => text.trim())
      .filter((text) => text !== '');
    fc.assert(
      fc.property(
        fc.array(fc.record({ machine: cell, wave: cell, owner: cell }), { minLength: 1 }),
        (rows) => {
          const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
          const csv = [
            'machine,wave,owner',
            ...rows.map((row) => Object.values(row).map(quoted).join(',')),
          ].join('\n');
          expect(readTableText(csv)).toEqual(readTableRows(rows));
        },
      ),
    );
  });
});

describe('a quantity', () => {
  it.each([
    ['40', '.', 40],
    ['40.5', '.', 40.5],
    ['40,5', '.', 40.5],
    ['40,960', '.', 40_960],
    ['40,960', ',', 40.96],
    ['40.960', ',', 40_960],
    ['1,024.5', '.', 1024.5],
    ['1.024,5', '.', 1024.5],
    ['1 024', '.', 1024],
    ["1'024", '.', 1024],
    ['1,234,567', '.', 1_234_567],
    ['x', '.', null],
    ['', '.', null],
  ] as const)('%s with %s is %s', (text, decimal, value) => {
    expect(parseQuantity(text, decimal)).toBe(value);
  });
});
