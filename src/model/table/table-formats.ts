/** Normalises a column name, so that "Disk 1 size (In GB)" and "disk_1_size_in_gb" are the same column. */
export const normalizeColumnName = (name: string): string =>
  name
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '');

/** Format of a table whose rows name machines. */
export type TableFormat = 'rvtools' | 'azure_migrate' | 'aws_mgn' | 'coriolis_inventory' | 'own';

/** Names of the formats for people. */
export const TABLE_FORMAT_TITLES: Readonly<Record<TableFormat, string>> = {
  rvtools: 'RVTools, sheet vInfo',
  azure_migrate: 'Azure Migrate import',
  aws_mgn: 'AWS MGN import',
  coriolis_inventory: 'Coriolis inventory',
  own: 'Table with a column "machine"',
};

/**
 * Normalised column names of a format, by meaning. When several columns have one meaning, the first with a value is
 * used.
 */
export interface TableFormatColumns {
  readonly name: readonly string[];
  /** Columns with further identifiers of the machine. */
  readonly ids: readonly string[];
  readonly wave: readonly string[];
  /** Columns that leave a row out when their value is true, each with the reason. */
  readonly leftOut: Readonly<Record<string, string>>;
  /**
   * Columns with disk sizes, each with the GiB of its unit; undefined when only its values name units. The first with values
   * counts; those that one expression matches are added up.
   */
  readonly disks: ReadonlyArray<readonly [key: RegExp, gib: number | undefined]>;
  /** Pattern for further columns of the format. They are ignored: neither read as tags nor reported as unknown. */
  readonly ignoredPattern: RegExp;
}

const MIB = 1 / 1024;

/** Columns of RVTools' vInfo in its releases; those that an estate adds (annotations, custom attributes) are not among them. */
const RVTOOLS_COLUMNS = new RegExp(
  `^(${[
    'powerstate|poweron|template|(connection|guest|fault|ft)state|configstatus|heartbeat|consolidationneeded|changeversion',
    'suspend(edtomemory|time|interval)|creationdate|cpus|memory|activememory|overallcpureadiness|latencysensitivity',
    'nics|disks|(inuse|unshared|provisioned)(mib|mb)|totaldiskcapacity(mib|mb)|videoram(kib|kb)|nummonitors',
    'fixedpassthruhotplug|minrequiredevcmodekey|opnotificationtimeout|(disk)?enableuuid|cbt|firmware|bootrequired|bootdelay|bootretry(delay|enabled)|bootbiossetup|rebootpoweroff|efisecureboot|efisecurebootenabled',
    'dnsname|primaryipaddress|network\\d|osaccordingto.*|guestdetaileddata|customizationinfo',
    'resourcepool|folder(id)?|vapp|datacenter|cluster|host|path|logdirectory|snapshotdirectory|suspenddirectory|defaultpoweroff',
    'dasprotection|ft(role|latency|bandwidth|seclatency)|vmfailoverinprogress|ha(restartpriority|isolationresponse|vmmonitoring)|clusterrules?|clusterrulenames?',
    'hw(version|upgradestatus|upgradepolicy|target)|vmversion|visdk(servertype|apiversion|server|uuid)|vcenteruuid|instanceuuid',
  ].join('|')})$`,
);

/** Columns of each format. */
export const TABLE_FORMATS: Readonly<Record<TableFormat, TableFormatColumns>> = {
  rvtools: {
    name: ['vm', 'vmname'],
    // The last two are those of older exports.
    ids: ['vmuuid', 'smbiosuuid', 'vmid', 'uuid', 'objectid'],
    wave: [],
    leftOut: { template: 'a template', srmplaceholder: 'a placeholder of Site Recovery Manager' },
    disks: [
      [/^totaldiskcapacitymib$/, MIB],
      [/^provisioned(mib|mb)$/, MIB],
    ],
    ignoredPattern: RVTOOLS_COLUMNS,
  },
  azure_migrate: {
    name: ['servername'],
    ids: [],
    wave: [],
    leftOut: {},
    disks: [[/^disk\d+sizeingb$/, 1]],
    ignoredPattern:
      /^(ipaddresses|servertype|hypervisor|boottype|network(in|out)throughput|cores|memory(inmb)?|os(name|version|architecture)|numberofdisks|disk\d+.*|firmwaretype|macaddress|bios.*|cpuutilization.*|memoryutilization.*|network.*adapters?.*)$/,
  },
  aws_mgn: {
    name: ['mgnserveruserprovidedid', 'mgnserverfqdnforactionframework'],
    ids: ['mgnserverfqdnforactionframework'],
    wave: ['mgnwavename'],
    leftOut: {},
    disks: [],
    ignoredPattern: /^mgn(account|region|app|wave|server(platform|userprovidedid|fqdn)|launch).*$/,
  },
  coriolis_inventory: {
    name: ['vmname', 'instancename', 'name'],
    ids: ['vmid', 'instanceid', 'id'],
    wave: [],
    leftOut: {},
    disks: [[/^totaldiskgb$/, 1]],
    ignoredPattern:
      /^(firmware|numcpus?|memorymb|nestedvirtualization|dynamicmemoryenabled|secureboot|ostype|guestos|guestid|disks|nics|niccount|hostname|parentvapp|host|powerstate)$/,
  },
  own: {
    name: [
      'machine',
      'instance',
      'vm',
      'server',
      'name',
      'hostname',
      'machinename',
      'instancename',
      'vmname',
      'servername',
      'computername',
      'virtualmachine',
    ],
    ids: ['instanceid', 'vmuuid', 'uuid', 'vmid', 'id'],
    wave: [],
    leftOut: { template: 'a template' },
    disks: [
      [/^(disks?|size)gb$/, 1],
      [/^(total)?(disks?|storage|capacity|size|provisioned)(size|storage|space|capacity)?(gb|gib)$/, 1],
      [/^(total)?(disks?|storage|capacity|size|provisioned)(size|storage|space|capacity)?(mb|mib)$/, MIB],
      [/^(total)?(disks?|storage|capacity|size|provisioned)(size|storage|space|capacity)?(tb|tib)$/, 1024],
      [/^(size|disksizes?|storagesize|provisioned)$/, undefined],
    ],
    ignoredPattern:
      /^(line|status|planhash|plan|format|overrides|messages|existing|disks|firstcopy(low|high)seconds|steps|settings|tags)$/,
  },
};

const RVTOOLS_MARKS = [
  'powerstate',
  'template',
  'vmuuid',
  'smbiosuuid',
  'provisionedmib',
  'provisionedmb',
  'visdkuuid',
  'vcenteruuid',
];

/** Detects the format of a table by its columns; undefined when no column can name a machine. */
export function detectTableFormat(names: readonly string[]): TableFormat | undefined {
  const keys = new Set(names.map(normalizeColumnName));
  const has = (...wanted: readonly string[]): boolean => wanted.some((key) => keys.has(key));
  const canName = (format: TableFormat): boolean => has(...TABLE_FORMATS[format].name);
  if (names.some((name) => /^mgn:/i.test(name.trim())) && canName('aws_mgn')) return 'aws_mgn';
  if (has('vm') && RVTOOLS_MARKS.filter((key) => keys.has(key)).length >= 2) return 'rvtools';
  if (has('servername') && has('cores', 'memoryinmb', 'memory', 'osname', 'ipaddresses'))
    return 'azure_migrate';
  const isInventory = has('numcpu', 'numcpus', 'memorymb', 'guestid');
  if (isInventory && canName('coriolis_inventory') && has('vmid', 'instanceid', 'id'))
    return 'coriolis_inventory';
  return canName('own') ? 'own' : undefined;
}

/**
 * Columns for settings of a transfer or wave, which a table of any format may have. Each setting has its other column
 * names.
 */
export const SETTING_COLUMNS = {
  wave: ['wavename', 'migrationwave'],
  order: ['group', 'batch'],
  notBefore: ['notbeforeutc', 'earliest'],
  scenario: [],
  passes: ['syncs'],
  shutdownInstances: ['shutdown', 'sourceoff'],
  originEndpointId: ['originendpoint', 'origin', 'sourceendpoint'],
  destinationEndpointId: ['destinationendpoint', 'destination', 'targetendpoint'],
  sourceEnvironment: [],
  destinationEnvironment: ['targetenvironment'],
  networkMap: [],
  defaultStorage: ['storage', 'targetstorage'],
  storageMappings: ['storagemap'],
  diskMappings: ['diskmap'],
  originMinionPoolId: ['originminionpool', 'originpool'],
  destinationMinionPoolId: ['destinationminionpool', 'destinationpool'],
  osMorphingPoolId: ['osmorphingpool', 'osmorphingminionpool'],
  skipOsMorphing: [],
  cloneDisks: [],
  notes: [],
  transferId: ['transfer', 'replica', 'replicaid'],
  rowHash: [],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** Setting that a column of a table gives. */
export type TableSettingName = keyof typeof SETTING_COLUMNS;

const settings = new Map(
  Object.entries(SETTING_COLUMNS).flatMap(([name, others]) =>
    [normalizeColumnName(name), ...others].map((key) => [key, name] as const),
  ),
);

/** Everyday words that give settings in tables of our own only: in exports of tools they are columns of the estate. */
const EVERYDAY = new Set('group batch earliest syncs origin destination storage transfer replica'.split(' '));

/**
 * Name of the setting that a column gives; undefined when it gives none.
 * @param isOwn whether the table is one of our own
 */
export const settingOfColumn = (key: string, isOwn: boolean): string | undefined =>
  !isOwn && EVERYDAY.has(key) ? undefined : settings.get(key);
