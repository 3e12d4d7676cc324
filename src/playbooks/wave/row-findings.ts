import { isObject } from '../../model/json';
import { outcomeOf } from '../../model/status';
import type { TransferInput } from '../../resources/transfer';
import type { DestinationOffer } from './endpoint-directory';
import type { PlannedRow } from './planned-row';
import type { ResolvedRow } from './resolved-row';

/** Networks and storage in the maps of a row that the destination does not have. */
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

/** Reason why a row cannot be moved: a conflict with existing transfers, or map targets that the destination lacks. */
export function findProblem({ existing, offer }: ResolvedRow, create: TransferInput): string | null {
  if (existing.kind === 'problem') return existing.message;
  const unknown = unknownTargets(create, offer);
  return existing.kind === 'none' && unknown.length > 0
    ? `the destination has no ${[...new Set(unknown)].slice(0, 5).join(', ')}`
    : null;
}

/** Warnings about a row that can be moved. */
export function findWarnings(
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
      ? [`transfer ${existing.transfer.id} is adopted with its own settings`]
      : []),
    ...(existing.kind === 'taken_in' && !shutdown
      ? ['an adopted transfer is cut over only with its source shut down: a copy beside it is a drill']
      : []),
    ...(deployed > 0 ? [`it was deployed before, ${deployed === 1 ? 'once' : `${deployed} times`}`] : []),
  ];
}
