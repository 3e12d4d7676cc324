import type { Coriolis } from '../../api/operation-context';
import type { Endpoint, Service } from '../../model/api-objects';
import { quoteText } from '../../model/untrusted-text';
import { fetchAll } from '../../requests/object-requests';
import { makeBlockingCheck, makeOkCheck, makeWarningCheck, type PreflightCheck } from './preflight-check';
import { tolerateErrors } from '../../api/tolerate-errors';

/**
 * Checks that each endpoint has an enabled worker that is up, serves its platform and shares a region with it.
 *
 * @param unneeded endpoint whose failure only warns, because the run does not need it: the source of a deployment
 */
export async function checkWorkers(
  coriolis: Coriolis,
  endpoints: readonly Endpoint[],
  unneeded?: Endpoint,
): Promise<readonly PreflightCheck[]> {
  const unreadable = ['forbidden', 'not_found'] as const;
  const services = await tolerateErrors(fetchAll(coriolis, 'service'), unreadable, null);
  if (services === null)
    return [makeWarningCheck('workers', 'This user may not see the workers, so they were not checked.')];
  const allRegions = endpoints.some(({ mapped_regions: regions }) => regions.length > 0)
    ? await tolerateErrors(fetchAll(coriolis, 'region'), unreadable, null)
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
    ? [makeOkCheck('workers', 'Each endpoint has a worker that is up.')]
    : without.map((endpoint) => {
        const { name, type } = endpoint;
        const message = `No enabled worker is up for ${quoteText(name, 60)} (${quoteText(type, 40)}) in its regions.`;
        return endpoint === unneeded
          ? makeWarningCheck('workers', `${message} A deployment does not need it.`)
          : makeBlockingCheck('workers', message);
      });
}
