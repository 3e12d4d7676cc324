import { isObject, omit, sameJson, type JsonObject } from '../../model/json';
import { redact } from '../../model/redact';
import { outcomeOf } from '../../model/status';
import type { Deployment, Instance, Transfer } from '../../model/types';
import type { WaveMark } from '../../model/wave-mark';
import type { TransferInput } from '../../resources/transfer';
import { storageBody } from '../../resources/payload';
import type { Blueprint, RowOverrides, WantedRow } from './blueprint';
import type { DestinationOffer } from './endpoint-directory';
import { copySeconds, sizeGib, type CopyPace, type DurationRange } from './estimate';
import type { ExistingTransfers } from './existing-transfers';
import { rowHash, scriptsHash } from './hash';
import { applyMap, withoutPatterns, mergeMaps } from './maps';

/** Planned row: how one machine of a wave is moved. */
export interface PlannedRow {
  readonly line: number;
  /** Name in the table. */
  readonly name: string;
  readonly wave: string;
  readonly order: number;
  readonly notBefore: string | null;
  readonly hash: string;
  /** Hash of the approved plan's row, when the table has it. */
  readonly approvedHash: string | null;
  /** Reason why the machine cannot be moved; null when it can. */
  readonly problem: string | null;
  readonly warnings: readonly string[];
  /** Identifier on the source; null when no machine was found. */
  readonly instance: string | null;
  readonly existing: ExistingTransfers;
  /** The transfer to create; undefined when one exists, or the row has a problem. */
  readonly create: TransferInput | undefined;
  readonly originEndpointId: string | null;
  readonly destinationEndpointId: string | null;
  readonly scenario: string;
  readonly passes: number;
  readonly shutdown: boolean;
  readonly clone: boolean;
  readonly skipOsMorphing: boolean;
  readonly poolIds: readonly string[];
  readonly disks: number | null;
  readonly gib: number | null;
  readonly firstCopy: DurationRange | null;
  readonly unmapped: { readonly networks: readonly string[]; readonly storage: readonly string[] };
  /** Settings without secrets, for display. */
  readonly settings: JsonObject;
  readonly tags: Readonly<Record<string, string>>;
  /** Settings of the row itself, by column, without those that contain secrets. */
  readonly overrides: JsonObject;
}

/** A row with its resolved machine and endpoints, before its settings are made. */
export interface ResolvedRow {
  readonly wanted: WantedRow;
  readonly originEndpointId: string;
  readonly destinationEndpointId: string;
  readonly originMinionPoolId: string | undefined;
  readonly destinationMinionPoolId: string | undefined;
  readonly osMorphingPoolId: string | undefined;
  readonly instance: string;
  /** Instance details; undefined when they were not read. */
  readonly details: Instance | undefined;
  readonly existing: ExistingTransfers;
  readonly offer: DestinationOffer | undefined;
  readonly pace: CopyPace | undefined;
  /** Deployments of the transfer that is taken over. */
  readonly deployments: readonly Deployment[];
}

/** Makes a row that cannot be moved. */
export function blockedRow(
  wanted: WantedRow,
  problem: string,
  known: {
    readonly instance?: string | undefined;
    readonly origin?: string;
    readonly destination?: string;
  } = {},
): PlannedRow {
  const { table, wave, order, notBefore } = wanted;
  const settings = { machine: table.name, wave, blocked: true };
  return {
    line: table.line,
    name: table.name,
    wave,
    order,
    notBefore,
    hash: rowHash(settings),
    approvedHash: wanted.own.rowHash ?? null,
    problem,
    warnings: [],
    instance: known.instance ?? null,
    existing: { kind: 'none' },
    create: undefined,
    originEndpointId: known.origin ?? null,
    destinationEndpointId: known.destination ?? null,
    scenario: wanted.own.scenario ?? '',
    passes: 0,
    shutdown: false,
    clone: false,
    skipOsMorphing: false,
    poolIds: [],
    disks: null,
    gib: table.disksGb,
    firstCopy: null,
    unmapped: { networks: [], storage: [] },
    settings,
    tags: table.tags,
    overrides: rowOverrides(wanted.own),
  };
}

/** Settings that have their own column in a planned row. */
const OWN_COLUMNS = ['wave', 'order', 'notBefore', 'transferId', 'rowHash'];

/** Setting columns of a row. A setting with a secret is left out: a plan has none, and a masked one must not be run. */
export function rowOverrides(own: RowOverrides): JsonObject {
  const given = Object.entries(own).filter(
    ([name, value]) =>
      value !== undefined &&
      !OWN_COLUMNS.includes(name) &&
      sameJson(redact({ [name]: value }), { [name]: value }),
  );
  return Object.fromEntries(given.map(([name, value]) => [columnOf(name), value]));
}

const columnOf = (setting: string): string =>
  setting.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const blank = {
  order: 0,
  notBefore: null,
  approvedHash: null,
  problem: null,
  warnings: [],
  create: undefined,
  disks: null,
  gib: null,
  firstCopy: null,
  unmapped: { networks: [], storage: [] },
  settings: {},
  tags: {},
  overrides: {},
} as const;

const ofTransfer = (line: number, transfer: Transfer) => {
  const [instance = ''] = transfer.instances;
  return {
    ...blank,
    line,
    name: instance,
    instance,
    originEndpointId: transfer.origin_endpoint_id,
    destinationEndpointId: transfer.destination_endpoint_id,
    scenario: transfer.scenario ?? 'replica',
    poolIds: [transfer.origin_minion_pool_id, transfer.destination_minion_pool_id].filter(
      (id) => typeof id === 'string',
    ),
  };
};

/** Makes the planned row of a transfer from the wave's mark in its notes. */
export const rowFromMark = (line: number, transfer: Transfer, mark: WaveMark): PlannedRow => ({
  ...ofTransfer(line, transfer),
  wave: mark.wave,
  hash: mark.row,
  existing: { kind: 'own', transfer, mark },
  passes: mark.passes,
  shutdown: mark.shutdown,
  clone: mark.clone,
  skipOsMorphing: mark.skipOsMorphing,
});

/** Makes the planned row of an adopted transfer, whose notes have no mark. */
export const rowFromTransfer = (line: number, transfer: Transfer, wave: string): PlannedRow => ({
  ...ofTransfer(line, transfer),
  wave,
  hash: '',
  existing: { kind: 'taken_in', transfer },
  passes: 1,
  shutdown: true,
  clone: transfer.clone_disks ?? true,
  skipOsMorphing: transfer.skip_os_morphing ?? false,
});

/** Makes a row that can be moved, unless its maps are incomplete. */
export function plannedRow(blueprint: Blueprint, found: ResolvedRow): PlannedRow {
  const { wanted, instance, existing, details, pace } = found;
  const { table, own, wave, order, notBefore } = wanted;
  const taken = existing.kind === 'taken_in' ? existing.transfer : undefined;
  const scenario = taken?.scenario ?? own.scenario ?? blueprint.scenario;
  const { move, unmapped } = moveOf(blueprint, found);
  const passes = own.passes ?? blueprint.passes;
  const shutdown = blueprint.shutdownInstances && (own.shutdownInstances ?? true);
  const clone = own.cloneDisks ?? blueprint.cloneDisks ?? scenario !== 'live_migration';
  const skipOsMorphing = own.skipOsMorphing ?? blueprint.skipOsMorphing ?? false;
  const create: TransferInput = { ...move, scenario, cloneDisks: clone, skipOsMorphing };
  const settings = canonical({ found, create, taken, wave, order, notBefore, passes, shutdown });
  const gib = sizeGib(details) ?? table.disksGb;
  return {
    line: table.line,
    name: table.name,
    wave,
    order,
    notBefore,
    hash: rowHash(settings),
    approvedHash: own.rowHash ?? null,
    problem:
      own.shutdownInstances === true && !blueprint.shutdownInstances
        ? 'its row shuts the source down, but the wave does not: set Shut Down Instances for the wave'
        : problemOf(existing, unknownTargets(create, found.offer)),
    warnings: warningsOf(found, unmapped, shutdown),
    instance,
    existing,
    create: existing.kind === 'none' ? create : undefined,
    originEndpointId: found.originEndpointId,
    destinationEndpointId: found.destinationEndpointId,
    scenario,
    passes,
    shutdown,
    clone,
    skipOsMorphing,
    poolIds: poolsOf(taken, create),
    disks: details?.devices?.disks?.length ?? null,
    gib: gib === null ? null : Math.round(gib * 10) / 10,
    firstCopy: taken === undefined ? copySeconds(gib, pace) : null,
    unmapped,
    settings,
    tags: table.tags,
    overrides: rowOverrides(wanted.own),
  };
}

function moveOf(blueprint: Blueprint, found: ResolvedRow) {
  const { wanted, instance, details } = found;
  const { own, table } = wanted;
  const networkMap = mergeMaps<unknown>(blueprint.networkMap, own.networkMap);
  const storageMap = mergeMaps<string>(blueprint.storageMappings, own.storageMappings);
  const diskMap = mergeMaps<string>(blueprint.diskMappings, own.diskMappings);
  const nics = details?.devices?.nics;
  const disks = details?.devices?.disks;
  const nets =
    nics &&
    applyMap(
      networkMap,
      nics.flatMap(({ network_name: name }) => name ?? []),
    );
  const unplaced = disks?.filter(({ id }) => !Object.hasOwn(diskMap, id));
  const stores =
    unplaced &&
    applyMap(
      storageMap,
      unplaced.flatMap(({ storage_backend_identifier: name }) => name ?? []),
    );
  const ownDisks = disks
    ? Object.fromEntries(Object.entries(diskMap).filter(([id]) => disks.some((disk) => disk.id === id)))
    : diskMap;
  const defaultStorage = own.defaultStorage ?? blueprint.defaultStorage;
  const morphing =
    found.osMorphingPoolId ??
    blueprint.osMorphingPools?.[instance] ??
    blueprint.osMorphingPools?.[table.name];
  return {
    unmapped: {
      networks: nets?.unmapped ?? [],
      storage: defaultStorage === undefined ? (stores?.unmapped ?? []) : [],
    },
    move: {
      originEndpointId: found.originEndpointId,
      destinationEndpointId: found.destinationEndpointId,
      instances: [instance],
      sourceEnvironment: environment(blueprint.sourceEnvironment, own.sourceEnvironment),
      destinationEnvironment: environment(blueprint.destinationEnvironment, own.destinationEnvironment),
      networkMap: filled(nets?.entries ?? withoutPatterns(networkMap)),
      notes: own.notes ?? blueprint.notes ?? table.name,
      defaultStorage,
      storageMappings: filled(stores?.entries ?? withoutPatterns(storageMap)),
      diskMappings: filled(ownDisks),
      userScripts: scriptsOf(blueprint.userScripts, instance),
      originMinionPoolId: found.originMinionPoolId,
      destinationMinionPoolId: found.destinationMinionPoolId,
      osMorphingPools: morphing === undefined ? undefined : { [instance]: morphing },
      // Checked by the plan.
      checkInstances: false,
    },
  };
}

const environment = (under: JsonObject | undefined, over: JsonObject | undefined): JsonObject | undefined =>
  under === undefined && over === undefined ? undefined : { ...under, ...over };

const filled = <Value>(map: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> | undefined =>
  Object.keys(map).length === 0 ? undefined : map;

/** User scripts of one machine: the global ones and its own. */
function scriptsOf(scripts: JsonObject | undefined, instance: string): JsonObject | undefined {
  const each = scripts?.['instances'];
  if (scripts === undefined || !isObject(each)) return scripts;
  const mine = Object.hasOwn(each, instance) ? { instances: { [instance]: each[instance] } } : {};
  return { ...omit(scripts, 'instances'), ...mine };
}

/** Canonical form of a row, for its hash. A transfer that is taken over stands for its settings. */
function canonical(row: {
  readonly found: ResolvedRow;
  readonly create: TransferInput;
  readonly taken: Transfer | undefined;
  readonly wave: string;
  readonly order: number;
  readonly notBefore: string | null;
  readonly passes: number;
  readonly shutdown: boolean;
}): JsonObject {
  const { found, create, taken, ...plan } = row;
  const common = {
    machine: found.instance,
    wave: plan.wave,
    order: plan.order,
    not_before: plan.notBefore,
    origin_endpoint_id: found.originEndpointId,
    destination_endpoint_id: found.destinationEndpointId,
    scenario: create.scenario,
    passes: plan.passes,
    shutdown: plan.shutdown,
    clone_disks: create.cloneDisks,
    skip_os_morphing: create.skipOsMorphing,
  };
  if (taken !== undefined) {
    return {
      ...common,
      transfer_id: taken.id,
      source_environment: taken.source_environment ?? {},
      destination_environment: omit(taken.destination_environment ?? {}, 'network_map', 'storage_mappings'),
      network_map: taken.network_map ?? {},
      storage_mappings: taken.storage_mappings ?? {},
    };
  }
  return {
    ...common,
    transfer_id: null,
    machine_id: found.details?.id ?? null,
    source_environment: create.sourceEnvironment ?? {},
    destination_environment: create.destinationEnvironment ?? {},
    network_map: create.networkMap ?? {},
    storage_mappings: storageBody(create) ?? {},
    notes: create.notes ?? null,
    scripts_sha256: scriptsHash(create.userScripts),
    origin_minion_pool_id: create.originMinionPoolId ?? null,
    destination_minion_pool_id: create.destinationMinionPoolId ?? null,
    os_morphing_pools: create.osMorphingPools ?? {},
  };
}

/** Map targets that the destination does not have. */
function unknownTargets(create: TransferInput, offer: DestinationOffer | undefined): readonly string[] {
  const { networks = null, storage = null } = offer ?? {};
  const nets = Object.values(create.networkMap ?? {}).map((entry) =>
    String(isObject(entry) ? entry['id'] : entry).replace(/:[^:]*$/u, ''),
  );
  const stores = [
    ...(create.defaultStorage === undefined ? [] : [create.defaultStorage]),
    ...Object.values(create.storageMappings ?? {}),
    ...Object.values(create.diskMappings ?? {}),
  ];
  return [
    ...nets.filter((name) => networks !== null && !networks.has(name)).map((name) => `network "${name}"`),
    ...stores
      .filter((name) => storage !== null && !storage.has(name) && !storage.has(name.replace(/:[^:]*$/u, '')))
      .map((name) => `storage "${name}"`),
  ];
}

function problemOf(existing: ExistingTransfers, unknown: readonly string[]): string | null {
  if (existing.kind === 'problem') return existing.message;
  return existing.kind === 'none' && unknown.length > 0
    ? `the destination has no ${[...new Set(unknown)].slice(0, 5).join(', ')}`
    : null;
}

function warningsOf(
  { existing, details, deployments }: ResolvedRow,
  unmapped: PlannedRow['unmapped'],
  shutdown: boolean,
): readonly string[] {
  const list = (names: readonly string[]): string =>
    names
      .slice(0, 5)
      .map((name) => `"${name}"`)
      .join(', ');
  const isNew = existing.kind === 'none';
  const deployed = deployments.filter((one) => outcomeOf(one.last_execution_status) === 'completed').length;
  return [
    ...(details === undefined && isNew ? ['the source does not tell its disks and networks'] : []),
    ...(isNew && unmapped.networks.length > 0
      ? [`no destination is given for network ${list(unmapped.networks)}`]
      : []),
    ...(existing.kind === 'taken_in'
      ? [`transfer ${existing.transfer.id} is taken in with its own settings`]
      : []),
    ...(existing.kind === 'taken_in' && !shutdown
      ? [
          'a transfer that is taken in is cut over only with its source shut down: a copy beside it is a drill',
        ]
      : []),
    ...(deployed > 0 ? [`it was deployed before, ${deployed === 1 ? 'once' : `${deployed} times`}`] : []),
  ];
}

const poolsOf = (taken: Transfer | undefined, create: TransferInput): readonly string[] =>
  [
    taken === undefined ? create.originMinionPoolId : taken.origin_minion_pool_id,
    taken === undefined ? create.destinationMinionPoolId : taken.destination_minion_pool_id,
  ].filter((id) => typeof id === 'string');
