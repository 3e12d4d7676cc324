import { isObject } from '../../model/json';
import type { ReadinessLevel } from '../../model/readiness';
import { outcomeOf } from '../../model/status';
import { quoteText } from '../../model/untrusted-text';
import type { TransferInput } from '../../resources/transfer';
import type { DestinationOffer } from './endpoint-directory';
import type { PlannedRow } from './planned-row';
import type { ResolvedRow } from './resolved-row';

/** Networks and storage to which the maps of a row lead and which the destination does not have, in words. */
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

/** Maximum number of characters of a finding about a machine. */
const FINDING_LENGTH = 200;

const findingsOf = ({ readiness }: ResolvedRow, level: ReadinessLevel): readonly string[] =>
  readiness.filter(({ status }) => status === level).map(({ message }) => quoteText(message, FINDING_LENGTH));

/**
 * Reason why the machine of a row cannot be moved; null when it can. Reasons are a conflict with existing transfers, a
 * blocking finding about a machine without a transfer, and maps that lead to networks or storage which the destination
 * lacks.
 */
export function findProblem(row: ResolvedRow, create: TransferInput): string | null {
  const { existing, offer } = row;
  if (existing.kind === 'problem') return existing.message;
  const [blocking] = findingsOf(row, 'blocking');
  if (existing.kind === 'none' && blocking !== undefined) return blocking;
  const unknown = unknownTargets(create, offer);
  return existing.kind === 'none' && unknown.length > 0
    ? `the destination has no ${[...new Set(unknown)].slice(0, 5).join(', ')}`
    : null;
}

/** Warnings about a row whose machine can be moved. */
export function findWarnings(
  row: ResolvedRow,
  unmapped: PlannedRow['unmapped'],
  shutdown: boolean,
): readonly string[] {
  const { existing, details, deployments } = row;
  const list = (names: readonly string[]): string =>
    names
      .slice(0, 5)
      .map((name) => `"${name}"`)
      .join(', ');
  const isNew = existing.kind === 'none';
  const deployed = deployments.filter((one) => outcomeOf(one.last_execution_status) === 'completed').length;
  return [
    ...(isNew ? [] : findingsOf(row, 'blocking')),
    ...findingsOf(row, 'warning'),
    ...(details === undefined && isNew ? ['the source does not tell its disks and networks'] : []),
    ...(isNew && unmapped.networks.length > 0
      ? [`no destination is given for network ${list(unmapped.networks)}`]
      : []),
    ...(existing.kind === 'taken_in'
      ? [`transfer ${existing.transfer.id} is adopted with its own settings`]
      : []),
    ...(existing.kind === 'taken_in' && !shutdown
      ? ['an adopted transfer is cut over only with its source shut down: a copy beside it is a drill']
      : []),
    ...(deployed > 0 ? [`it was deployed before, ${deployed === 1 ? 'once' : `${deployed} times`}`] : []),
  ];
}
