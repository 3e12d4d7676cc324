import type { Coriolis } from '../../api/operation-context';
import { quoteText } from '../../model/untrusted-text';
import {
  makeBlockingCheck,
  makeOkCheck,
  makeWarningCheck,
  type PreflightCheck,
} from '../preflight/preflight-check';
import { licenceKindOf, fetchLicencesLeft, type LicenceKind } from '../preflight/check-licence';
import { checkWorkers } from '../preflight/check-workers';
import type { WaveSettings } from './wave-input';
import { checkConnections, type EndpointDirectory } from './endpoint-directory';
import type { PlannedRow } from './planned-row';

/**
 * Checks what the rows of a plan share: connections, workers, minion pools, licences, and entries of the maps that no
 * row uses.
 */
export async function checkPlan(
  coriolis: Coriolis,
  directory: EndpointDirectory,
  rows: readonly PlannedRow[],
  blueprint: WaveSettings,
): Promise<readonly PreflightCheck[]> {
  const ready = rows.filter(({ problem }) => problem === null);
  const endpointIds = [
    ...new Set(
      ready.flatMap(({ originEndpointId, destinationEndpointId }) =>
        [originEndpointId, destinationEndpointId].filter((id) => id !== null),
      ),
    ),
  ];
  if (endpointIds.length === 0) return [];
  const endpoints = endpointIds.flatMap((id) => directory.endpointById(id) ?? []);
  return [
    ...(await checkConnections(coriolis, directory, endpointIds)),
    ...(await checkWorkers(coriolis, endpoints)),
    ...checkPlanPools(directory, ready),
    ...(await checkLicences(coriolis, ready)),
    ...checkUnused(ready, blueprint),
  ];
}

function checkPlanPools(
  directory: EndpointDirectory,
  rows: readonly PlannedRow[],
): readonly PreflightCheck[] {
  const ids = new Set(
    rows.flatMap(({ poolIds, newTransferInput }) => [
      ...poolIds,
      ...Object.values(newTransferInput?.osMorphingPools ?? {}),
    ]),
  );
  return [...ids].map((id) => {
    const pool = directory.pools.get(id);
    if (pool === undefined) return makeWarningCheck('minion pool', `Minion pool ${id} was not found.`);
    const name = quoteText(pool.name, 60);
    return pool.status === 'ALLOCATED'
      ? makeOkCheck(
          'minion pool',
          `Minion pool ${name} is allocated, with ${pool.maximum_minions} machines at most.`,
        )
      : makeBlockingCheck('minion pool', `Minion pool ${name} is ${pool.status}: allocate it first.`);
  });
}

/** Compares the number of transfers to create with the licences left. */
async function checkLicences(
  coriolis: Coriolis,
  rows: readonly PlannedRow[],
): Promise<readonly PreflightCheck[]> {
  const counts = new Map<LicenceKind, number>();
  for (const { existingTransfer, scenario } of rows) {
    const kind = licenceKindOf(scenario);
    if (existingTransfer.kind === 'none') counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  const checks: PreflightCheck[] = [];
  for (const [kind, count] of counts) {
    const left = await fetchLicencesLeft(coriolis, kind);
    if (left === null) continue;
    const needed = `${count} ${count === 1 ? 'is' : 'are'} needed.`;
    checks.push(
      left >= count
        ? makeOkCheck('licence', `The licences allow ${left} more ${kind}; ${needed}`)
        : makeWarningCheck('licence', `The licences allow ${left} more ${kind}, and ${needed}`),
    );
  }
  return checks;
}

/**
 * Lists names in the maps that no machine uses, which may be misspelled. This is no warning, because a map for the
 * whole estate has many names that one plan does not use.
 */
function checkUnused(
  rows: readonly PlannedRow[],
  { networkMap, storageMappings }: WaveSettings,
): readonly PreflightCheck[] {
  const created = rows.flatMap(({ newTransferInput, disks }) =>
    newTransferInput === undefined ? [] : [{ create: newTransferInput, disks }],
  );
  // When the details of a machine are unknown, so are its networks and storage: then nothing can be called unused.
  if (created.length === 0 || created.some(({ disks }) => disks === null)) return [];
  const unused = (
    what: string,
    given: object | undefined,
    used: ReadonlySet<string>,
  ): readonly PreflightCheck[] => {
    const names = Object.keys(given ?? {}).filter((name) => !name.includes('*') && !used.has(name));
    if (names.length === 0) return [];
    const listed = names
      .slice(0, 5)
      .map((name) => quoteText(name, 60))
      .join(', ');
    return [makeOkCheck(what, `No machine of the plan uses ${listed}${names.length > 5 ? ', …' : ''}.`)];
  };
  const keys = (of: (one: (typeof created)[number]['create']) => object | undefined): ReadonlySet<string> =>
    new Set(created.flatMap(({ create }) => Object.keys(of(create) ?? {})));
  return [
    ...unused(
      'network map',
      networkMap,
      keys((create) => create.networkMap),
    ),
    ...unused(
      'storage mappings',
      storageMappings,
      keys((create) => create.storageMappings),
    ),
  ];
}
