import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import type { JsonObject } from '../../src/model/json';
import {
  normalizeColumnName,
  SETTING_COLUMNS,
  settingOfColumn,
  TABLE_FORMATS,
  type TableSettingName,
  type TableFormat,
} from '../../src/model/table/table-formats';
import { readTableText } from '../../src/model/table/machine-table';
import { planWave } from '../../src/playbooks/wave/plan';
import { columnOfSetting, type PlannedRow } from '../../src/playbooks/wave/planned-row';
import { connect, one, rows } from '../support/coriolis';
import { fetchInstance } from '../../src/resources/instance';
import { createTransfer } from '../support/transfers';
import { machine, waveOf } from './estate';

/** Every column that overrides a setting of the wave, in every format of a table. */

/** Columns that make a table one of a format; the first names the machine. */
const MARKS: Readonly<Record<TableFormat, readonly string[]>> = {
  rvtools: ['VM', 'Powerstate', 'Template', 'Provisioned MiB'],
  azure_migrate: ['*Server name', '*Cores', '*Memory (In MB)'],
  aws_mgn: ['mgn:server:user-provided-id', 'mgn:app:name'],
  coriolis_inventory: ['vm_name', 'vm_id', 'num_cpu'],
  own: ['machine'],
};
const FORMATS = Object.keys(TABLE_FORMATS) as readonly TableFormat[];

/** A cell of each setting, and what the plan then has. */
const CELLS: Readonly<Record<TableSettingName, readonly [cell: string, planned: JsonObject]>> = {
  wave: ['Wave 7', { wave: 'Wave 7' }],
  order: ['4', { order: 4 }],
  notBefore: ['2026-12-05T22:00+01:00', { not_before: '2026-12-05T21:00:00Z' }],
  scenario: ['live_migration', { scenario: 'live_migration' }],
  passes: ['3', { passes: 3 }],
  shutdownInstances: ['no', { shutdown: false }],
  originEndpointId: ['vcenter-2', { origin_endpoint_id: 'vcenter-2' }],
  destinationEndpointId: ['openstack-2', { destination_endpoint_id: 'openstack-2' }],
  sourceEnvironment: ['{"vmware_snapshots": false}', { source_environment: { vmware_snapshots: false } }],
  destinationEnvironment: [
    '{"keypair_name": "own"}',
    { destination_environment: { migr_network: 'private', keypair_name: 'own' } },
  ],
  networkMap: ['VM Network=public', { network_map: { 'VM Network': 'public' } }],
  defaultStorage: ['lvm', { storage_mappings: { default: 'lvm' } }],
  storageMappings: [
    'datastore*=ssd',
    {
      storage_mappings: {
        default: 'ceph',
        backend_mappings: [{ source: 'datastore2', destination: 'ssd' }],
      },
    },
  ],
  diskMappings: [
    'DISK=ssd',
    { storage_mappings: { default: 'ceph', disk_mappings: [{ disk_id: 'DISK', destination: 'ssd' }] } },
  ],
  originMinionPoolId: ['pool of origin', { origin_minion_pool_id: 'pool of origin' }],
  destinationMinionPoolId: ['pool of destination', { destination_minion_pool_id: 'pool of destination' }],
  osMorphingPoolId: ['pool of destination', { os_morphing_pools: { 'shop-01': 'pool of destination' } }],
  skipOsMorphing: ['yes', { skip_os_morphing: true }],
  cloneDisks: ['no', { clone_disks: false }],
  notes: ['The shop, first', { notes: 'The shop, first' }],
  transferId: ['', {}],
  rowHash: ['00ff', {}],
};
const SETTINGS = Object.keys(SETTING_COLUMNS) as readonly TableSettingName[];

/** Table of a format with one machine and some more cells. */
const tableOf = (format: TableFormat, cells: Readonly<Record<string, string>>): string => {
  const [name = '', ...marks] = MARKS[format];
  const quoted = (values: readonly string[]): string =>
    values.map((value) => `"${value.replaceAll('"', '""')}"`).join(',');
  return [
    quoted([name, ...marks, ...Object.keys(cells)]),
    quoted(['shop-01', ...marks.map(() => '0'), ...Object.values(cells)]),
  ].join('\n');
};

/** Spellings of a column name that people write. */
const spellings = (setting: TableSettingName): readonly string[] => {
  const words = setting.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return [setting, words, words.toUpperCase(), words.replaceAll(' ', '_'), words.replaceAll(' ', '-')];
};

it.each(FORMATS)(
  '%s: every spelling and other name of a setting is read, and everyday words in own tables only',
  (format) => {
    const read = (column: string) => {
      const table = readTableText(tableOf(format, { [column]: 'given' }));
      expect(table?.format).toBe(format);
      return { settings: table?.rows[0]?.settings ?? {}, unknown: table?.unknownColumns };
    };
    for (const setting of SETTINGS) {
      for (const column of spellings(setting)) {
        expect([column, read(column)]).toEqual([column, { settings: { [setting]: 'given' }, unknown: [] }]);
      }
      for (const column of SETTING_COLUMNS[setting]) {
        const counts = settingOfColumn(normalizeColumnName(column), format === 'own') !== undefined;
        expect([column, read(column).settings]).toEqual([column, counts ? { [setting]: 'given' } : {}]);
      }
    }
  },
);

describe('the plan', () => {
  let sandbox: Sandbox;
  let coriolis: ReturnType<typeof connect>;
  const idsOf = new Map<string, string>();
  beforeAll(async () => {
    sandbox = await startSandbox({ speed: 2000, machines: [machine('shop-01')] });
    coriolis = connect(sandbox);
    const { endpoints } = await coriolis.client.get<{ endpoints: JsonObject[] }>('/endpoints');
    for (const name of ['vcenter', 'openstack']) {
      const { type, connection_info } = endpoints.find((endpoint) => endpoint['name'] === name) ?? {};
      const connection = { ...(connection_info as JsonObject), username: 'second' };
      await one(coriolis, 'endpoint.create', { name: `${name}-2`, type, connection });
    }
    for (const { row } of await rows<{ id: string; name: string }>(coriolis, 'endpoint.getAll'))
      idsOf.set(row.name, row.id);
    for (const [platform, endpoint] of [
      ['origin', 'vcenter'],
      ['destination', 'openstack'],
    ] as const) {
      const { id } = await one<{ id: string }>(coriolis, 'minionPool.create', {
        name: `pool of ${platform}`,
        endpointId: endpoint,
        platform: platform === 'origin' ? 'source' : 'destination',
        environmentOptions: { migr_network: platform === 'origin' ? 'VM Network' : 'private' },
      });
      idsOf.set(`pool of ${platform}`, id);
    }
    const [found] = (await planWave(coriolis, waveOf([{ machine: 'shop-01' }]))).rows;
    const { originEndpointId: origin, instance } = found ?? {};
    const { devices } = await fetchInstance(coriolis, origin ?? '', instance ?? '');
    disk = devices?.disks?.[0]?.id ?? '';
  });
  afterAll(() => sandbox.stop());

  let disk = '';
  /** Cell of a setting and its effect, with the id of the machine's disk. */
  const cellOf = (setting: TableSettingName) =>
    JSON.parse(JSON.stringify(CELLS[setting]).replaceAll('DISK', disk)) as (typeof CELLS)[TableSettingName];

  /** Plan of one row, with ids of endpoints and pools as names. */
  async function planned(format: TableFormat, cells: Readonly<Record<string, string>>): Promise<PlannedRow> {
    const input = waveOf([], {
      rows: undefined,
      table: tableOf(format, cells),
      scenario: 'replica',
      passes: 2,
      notes: 'of the wave',
      defaultStorage: 'ceph',
      skipOsMorphing: false,
      cloneDisks: true,
      networkMap: { '*': 'private' },
    });
    const [row] = (await planWave(coriolis, input)).rows;
    if (row === undefined) throw new Error('the plan has no row');
    return row;
  }
  const named = (settings: JsonObject): unknown =>
    JSON.parse(
      [...idsOf].reduce(
        (text, [name, id]) => text.replaceAll(`"${id}"`, JSON.stringify(name)),
        JSON.stringify(settings),
      ),
    );

  it.each(FORMATS)(
    '%s: has each setting of a row instead of that of the wave, and changes nothing else',
    async (format) => {
      const { settings: plain } = await planned(format, {});
      for (const setting of SETTINGS) {
        const [cell, expected] = cellOf(setting);
        const { settings, problem } = await planned(format, { [setting]: cell });
        expect([
          setting,
          problem === null || /storage|network|environment/iu.test(problem),
          named(settings),
        ]).toEqual([setting, true, { ...(named(plain) as JsonObject), ...expected }]);
      }
    },
  );

  it('says which columns of a row have no effect, because its transfer exists', async () => {
    const id = await createTransfer(coriolis, 'shop-01');
    const cells = Object.fromEntries(
      SETTINGS.filter((setting) => !/EndpointId|transferId|rowHash/u.test(setting)).map((setting) => [
        setting,
        cellOf(setting)[0],
      ]),
    );
    const { warnings, settings } = await planned('own', cells);
    const { settings: plain } = await planned('own', {});
    await one(coriolis, 'transfer.delete', { transferId: id });
    const told = /without effect in its row: (.*)$/mu.exec(warnings.join('\n'))?.[1]?.split(', ') ?? [];
    const effective = Object.keys(cells)
      .map((setting) => columnOfSetting(setting))
      .filter((column) => !told.includes(column));
    // The others are those that the plan has.
    const changed = Object.keys(settings).filter(
      (key) => JSON.stringify(settings[key]) !== JSON.stringify(plain[key]),
    );
    expect(effective.map((column) => column.replace('_instances', '')).sort()).toEqual(changed.sort());
    expect(changed).toHaveLength(7);
  });

  it('warns of entries in the maps of a row that its machine has no use for', async () => {
    const { warnings } = await planned('own', {
      network_map: 'VM Netwrk=private, *=private',
      storage_mappings: 'datastore9=ssd',
      disk_mappings: '{"2000": "ssd"}',
    });
    expect(warnings).toContainEqual(
      'its row maps what the machine does not have: network "VM Netwrk", storage "datastore9", disk "2000"',
    );
  });

  it.each(FORMATS)(
    '%s: takes the transfer of a row in, and keeps the hash that was approved',
    async (format) => {
      const ids = [await createTransfer(coriolis, 'shop-01'), await createTransfer(coriolis, 'shop-01')];
      for (const id of ids)
        expect(await planned(format, { transfer_id: id })).toMatchObject({ settings: { transfer_id: id } });
      for (const id of ids) await one(coriolis, 'transfer.delete', { transferId: id });
      expect(await planned(format, { row_hash: '00ff' })).toMatchObject({ approvedHash: '00ff' });
    },
  );
});
