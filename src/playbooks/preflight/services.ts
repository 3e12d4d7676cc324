import type { Coriolis } from '../../api/coriolis';
import type { Endpoint, Service } from '../../model/types';
import { quoteText } from '../../model/untrusted';
import { fetchAppliances, fetchApplianceStatus } from '../../resources/licensing-server';
import { fetchAll, fetchOptional } from '../../resources/objects';
import { poolIds } from '../../waiting/pool-failure';
import { blocking, ok, warning } from './check';
import type { Check, Situation } from './check';
import { tolerate } from '../../api/tolerate';

/** Checks that the minion pools of the run are allocated (docs/reference/coriolis-domain.md §11). */
export async function checkPools(coriolis: Coriolis, { transfer }: Situation): Promise<readonly Check[]> {
  const checks: Check[] = [];
  for (const id of poolIds(transfer)) {
    const pool = await fetchOptional(coriolis, 'minionPool', [id]);
    if (pool === undefined) checks.push(blocking('minion pool', `Pool ${id} does not exist any more.`));
    else if (pool.status !== 'ALLOCATED')
      checks.push(
        blocking('minion pool', `Pool ${quoteText(pool.name, 60)} is ${pool.status}, not ALLOCATED.`),
      );
    else checks.push(ok('minion pool', `Pool ${quoteText(pool.name, 60)} is allocated.`));
  }
  return checks;
}

/** Checks that each endpoint has an enabled worker that is up, serves its platform and shares a region with it. */
export async function checkWorkers(
  coriolis: Coriolis,
  endpoints: readonly Endpoint[],
): Promise<readonly Check[]> {
  const unreadable = ['forbidden', 'not_found'] as const;
  const services = await tolerate(fetchAll(coriolis, 'service'), unreadable, null);
  if (services === null)
    return [warning('workers', 'This user may not see the workers, so they were not checked.')];
  const allRegions = endpoints.some(({ mapped_regions: regions }) => regions.length > 0)
    ? await tolerate(fetchAll(coriolis, 'region'), unreadable, null)
    : null;
  const isOn = (id: string): boolean =>
    allRegions === null || allRegions.some((region) => region.id === id && region.enabled);
  const serves = (endpoint: Endpoint) => (service: Service) =>
    service.enabled &&
    service.status === 'UP' &&
    endpoint.type in (service.providers ?? {}) &&
    (endpoint.mapped_regions.length === 0 ||
      endpoint.mapped_regions.some((id) => isOn(id) && service.mapped_regions.includes(id)));
  const without = endpoints.filter((endpoint) => !services.some(serves(endpoint)));
  return without.length === 0
    ? [ok('workers', 'Each endpoint has a worker that is up.')]
    : without.map(({ name, type }) =>
        blocking(
          'workers',
          `No enabled worker is up for ${quoteText(name, 60)} (${quoteText(type, 40)}) in its regions.`,
        ),
      );
}

/** Checks the remaining licences; no checks without a licensing server or without access to it. */
export async function checkLicence(coriolis: Coriolis, { transfer }: Situation): Promise<readonly Check[]> {
  const kind = licenceKindOf(transfer.scenario);
  const left = await licencesLeft(coriolis, kind);
  if (left === null) return [];
  return [
    left > 0
      ? ok('licence', `The licences allow ${left} more ${kind}.`)
      : warning(
          'licence',
          `The licences allow no more ${kind}; a transfer that holds a reservation goes on.`,
        ),
  ];
}

export type LicenceKind = 'migrations' | 'replicas';

export const licenceKindOf = (scenario: string | undefined): LicenceKind =>
  scenario === 'live_migration' ? 'migrations' : 'replicas';

/** Licences left; null without a licensing server, without access to it, or with several appliances. */
export async function licencesLeft(coriolis: Coriolis, kind: LicenceKind): Promise<number | null> {
  const silent = [
    'capability',
    'forbidden',
    'not_found',
    'unreachable',
    'timeout',
    'server',
    'protocol',
  ] as const;
  const [only, ...others] = await tolerate(fetchAppliances(coriolis), silent, []);
  // With several appliances it is unknown which one this server is.
  if (only === undefined || others.length > 0) return null;
  const status = await tolerate(fetchApplianceStatus(coriolis, only.id), silent, null);
  const left = status?.[`current_available_${kind}`];
  return typeof left === 'number' ? left : null;
}
