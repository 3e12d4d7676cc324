import { isObject } from '../../model/json';
import type { ReadinessLevel } from '../../model/readiness-rules';
import { outcomeOf } from '../../model/status';
import { quoteText } from '../../model/untrusted-text';
import type { TransferInput } from '../../resources/transfer';
import type { DestinationResources } from './endpoint-directory';
import { columnOfSetting, type PlannedRow } from './planned-row';
import type { ResolvedRow } from './resolved-row';
import type { RowOverrides } from './wave-input';

/** Networks and storage to which the maps of a row lead and which the destination does not have, in words. */
function unknownTargets(create: TransferInput, offer: DestinationResources | undefined): readonly string[] {
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

/** Maximum number of characters of a finding about a machine. */
const FINDING_LENGTH = 200;
/** Maximum number of characters of a name from a table. */
const NAME_LENGTH = 60;
/** Maximum number of unused entries that a warning lists. */
const MAX_ENTRIES = 5;

const findingsOf = ({ readiness }: ResolvedRow, level: ReadinessLevel): readonly string[] =>
  readiness.filter(({ status }) => status === level).map(({ message }) => quoteText(message, FINDING_LENGTH));

/**
 * Reason why the machine of a row cannot be moved; null when it can. Reasons are a conflict with existing transfers, a
 * blocking finding about a machine without a transfer, and maps that lead to networks or storage which the destination
 * lacks.
 */
export function findRowProblem(row: ResolvedRow, create: TransferInput): string | null {
  const { existingTransfer, destinationResources } = row;
  if (existingTransfer.kind === 'problem') return existingTransfer.message;
  const [blocking] = findingsOf(row, 'blocking');
  if (existingTransfer.kind === 'none' && blocking !== undefined) return blocking;
  const unknown = unknownTargets(create, destinationResources);
  return existingTransfer.kind === 'none' && unknown.length > 0
    ? `the destination has no ${[...new Set(unknown)].slice(0, 5).join(', ')}`
    : null;
}

/** Settings of a row that a transfer has from its creation. */
const SETTINGS_OF_CREATION: ReadonlyArray<keyof RowOverrides> = [
  'scenario',
  'sourceEnvironment',
  'destinationEnvironment',
  'networkMap',
  'notes',
  'defaultStorage',
  'storageMappings',
  'diskMappings',
  'originMinionPoolId',
  'destinationMinionPoolId',
  'osMorphingPoolId',
];

/** Words about the columns of a row that an adopted transfer leaves without effect. */
function withoutEffect({ row: { overrides } }: ResolvedRow): string {
  const given = SETTINGS_OF_CREATION.filter((name) => overrides[name] !== undefined).map(columnOfSetting);
  return given.length === 0 ? '' : `; without effect in its row: ${given.join(', ')}`;
}

/** Entries in the maps of a row itself that its machine has no use for, in words. Patterns do not count. */
function unusedEntries({ row: { overrides }, machineDetails }: ResolvedRow): readonly string[] {
  const { nics, disks } = machineDetails?.devices ?? {};
  const unused = (
    map: object | undefined,
    used: ReadonlyArray<string | null | undefined> | undefined,
    what: string,
  ) =>
    Object.keys(used === undefined ? {} : (map ?? {}))
      .filter((name) => !name.includes('*') && used?.includes(name) !== true)
      .map((name) => `${what} "${quoteText(name, NAME_LENGTH)}"`);
  return [
    ...unused(
      overrides.networkMap,
      nics?.map(({ network_name: name }) => name),
      'network',
    ),
    ...unused(
      overrides.storageMappings,
      disks?.map(({ storage_backend_identifier: name }) => name),
      'storage',
    ),
    ...unused(
      overrides.diskMappings,
      disks?.map(({ id }) => id),
      'disk',
    ),
  ];
}

/** Warnings about a row whose machine can be moved. */
export function findRowWarnings(
  row: ResolvedRow,
  unmapped: PlannedRow['unmapped'],
  shutdown: boolean,
): readonly string[] {
  const { existingTransfer, machineDetails, deployments } = row;
  const list = (names: readonly string[]): string =>
    names
      .slice(0, 5)
      .map((name) => `"${name}"`)
      .join(', ');
  const isNew = existingTransfer.kind === 'none';
  const unused = isNew ? unusedEntries(row) : [];
  const deployed = deployments.filter((one) => outcomeOf(one.last_execution_status) === 'completed').length;
  return [
    ...(isNew ? [] : findingsOf(row, 'blocking')),
    ...findingsOf(row, 'warning'),
    ...(machineDetails === undefined && isNew ? ['the source does not tell its disks and networks'] : []),
    ...(isNew && unmapped.networks.length > 0
      ? [`no destination is given for network ${list(unmapped.networks)}`]
      : []),
    ...(unused.length > 0
      ? [`its row maps what the machine does not have: ${unused.slice(0, MAX_ENTRIES).join(', ')}`]
      : []),
    ...(existingTransfer.kind === 'adopted'
      ? [`transfer ${existingTransfer.transfer.id} is adopted with its own settings${withoutEffect(row)}`]
      : []),
    ...(existingTransfer.kind === 'adopted' && !shutdown
      ? ['an adopted transfer is cut over only with its source shut down: a copy beside it is a drill']
      : []),
    ...(deployed > 0 ? [`it was deployed before, ${deployed === 1 ? 'once' : `${deployed} times`}`] : []),
  ];
}
