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

  // Columns of a real export, as RVTools 4.6 writes them.
  const REAL =
    'VM,Powerstate,Template,SRM Placeholder,Config status,DNS Name,Connection state,Guest state,Heartbeat,Consolidation Needed,PowerOn,Suspended To Memory,Suspend time,Suspend Interval,Creation date,Change Version,CPUs,Overall Cpu Readiness,Memory,Active Memory,NICs,Disks,Total disk capacity MiB,Fixed Passthru HotPlug,min Required EVC Mode Key,Latency Sensitivity,Op Notification Timeout,EnableUUID,CBT,Primary IP Address,Network #1,Network #2,Num Monitors,Video Ram KiB,Resource pool,Folder ID,Folder,vApp,DAS protection,FT State,FT Role,FT Latency,FT Bandwidth,FT Sec. Latency,Vm Failover In Progress,Provisioned MiB,In Use MiB,Unshared MiB,HA Restart Priority,Annotation,Path,Log directory,OS according to the configuration file,OS according to the VMware Tools,Customization Info,Guest Detailed Data,Owner,Storage,VM ID,SMBIOS UUID,VM UUID,VI SDK Server type,VI SDK API Version,VI SDK Server,VI SDK UUID,Firmware,HW version,HW upgrade status,HW upgrade policy,HW target,Datacenter,Cluster,Host';

  it('of RVTools has only what the estate adds as tags', () => {
    const values = REAL.split(',').map((column) => (column === 'VM' ? 'web-01' : '1'));
    expect(readTableText(`${REAL}\n${values.join(',')}`)).toMatchObject({
      format: 'rvtools',
      // A custom attribute of the estate, and no setting of the wave.
      unknownColumns: ['Annotation', 'Owner', 'Storage'],
      leftOut: [{ name: 'web-01', reason: 'it is a template' }],
    });
  });

  it('of older RVTools has its identifiers', () => {
    const text =
      'VM,Powerstate,Template,Provisioned MB,UUID,Object ID\nweb-01,poweredOn,False,"43,008",4203,vm-1';
    expect(readTableText(text)?.rows).toMatchObject([{ ids: ['4203', 'vm-1'], disksGb: 42 }]);
  });

  it.each([
    ['a title above the header', 'Migration 2026,,\n,,\nmachine,wave,order\na,W1,1\n,,\n'],
    ['a title without columns', 'Migration 2026\r\n\r\nVM Name;Wave;Order\r\na;W1;1\r\n'],
    ['an empty column at the end', 'Server Name,Wave,Order,\na,W1,1,\n'],
    ['a line break in the header', '"machine\nname",wave,order\na,W1,1'],
    ['blanks of other kinds', '\u200bmachine\u00a0,wave,order\na\u00a0,W1,1'],
  ])('may have %s', (_what, text) => {
    expect(readTableText(text)).toMatchObject({
      rows: [{ name: 'a', settings: { wave: 'W1', order: '1' } }],
      leftOut: [],
      unknownColumns: [],
    });
  });

  it('of a sheet may have a title in its first line', () => {
    const sheet = [
      { 'Migration 2026': 'as agreed' },
      { 'Migration 2026': 'VM', __EMPTY: 'Powerstate', __EMPTY_1: 'Template', __EMPTY_2: 'Passes' },
      { 'Migration 2026': 'a', __EMPTY: 'poweredOn', __EMPTY_1: false, __EMPTY_2: 2 },
    ];
    expect(readTableRows(sheet)).toMatchObject({
      format: 'rvtools',
      rows: [{ name: 'a', settings: { passes: 2 } }],
    });
  });

  it('takes the first of two columns of a name, and keeps the other as a tag', () => {
    expect(readTableText('machine,machine,notes,notes,order,group\na,b,one,two,1,2')).toMatchObject({
      rows: [
        {
          name: 'a',
          settings: { notes: 'one', order: '1' },
          tags: { 'machine (2)': 'b', 'notes (2)': 'two' },
        },
      ],
      unknownColumns: ['machine (2)', 'notes (2)'],
    });
  });

  it('may have quotes within values, as they are copied from a spreadsheet', () => {
    const text = 'VM\tPowerstate\tTemplate\tAnnotation\nweb "1"\ton\tFalse\tx\nb\ton\tTrue\t19" rack';
    expect(readTableText(text)).toMatchObject({
      rows: [{ name: 'web "1"', tags: { Annotation: 'x' } }],
      leftOut: [{ name: 'b', reason: 'it is a template' }],
    });
  });

  it.each([
    ['machine,size_gb\na,40 GB', 40],
    ['machine,Disk Size\na,1.5 TiB', 1536],
    ['machine;Disk Size\na;1,5 TB', 1536],
    ['machine,Disk Size\na,40', null],
    ['machine,Provisioned MiB\na,2048', 2],
    ['machine,Disk (GB),Storage GiB\na,40,50', 40],
    ['VM,Powerstate,Template,Total disk capacity MiB,Provisioned MiB\na,on,False,1024,4096', 1],
  ])('has the size of %j', (text, size) => {
    expect(readTableText(text)?.rows[0]?.disksGb).toBe(size);
  });

  it('leaves out rows whose name is an error of the spreadsheet', () => {
    expect(readTableText('machine,wave\n#N/A,W1\n#REF!,W1\n#1 web,W1')).toMatchObject({
      rows: [{ name: '#1 web' }],
      leftOut: [{ line: 1 }, { line: 2 }],
    });
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
