import { quoteText } from '../model/untrusted-text';
import { CapabilityError, InvalidInputError } from './errors';
import { normalizeHttpUrl } from './http-url';
import type { CompanionService } from './transport';

/** A service of Keystone's catalogue (docs/reference/coriolis-api.md §3.2). */
export interface CatalogueService {
  readonly type: string;
  readonly name: string;
  readonly endpoints: ReadonlyArray<{
    readonly interface: string;
    readonly region: string;
    readonly url: string;
  }>;
}

/** Choice of an endpoint in the catalogue, as the user makes it. */
export interface CatalogueSelection {
  /** Type of the service. Default: `migration`. */
  readonly serviceType?: string | undefined;
  /** Name of the service, when several have the same type. */
  readonly serviceName?: string | undefined;
  readonly region?: string | undefined;
  /** Interface. Default: `public`. */
  readonly interface?: 'public' | 'internal' | 'admin' | undefined;
  /**
   * Address of Coriolis, which overrides the catalogue. It may contain `{project_id}` (or `$(project_id)s`, as in
   * catalogues) in place of the project's id. Otherwise the id is appended, unless the address already ends in it.
   */
  readonly override?: string | undefined;
  /**
   * Addresses of other services, which override those in the catalogue. A service that is missing in the catalogue
   * stays missing.
   */
  readonly others?: Readonly<Partial<Record<CompanionService, string>>> | undefined;
}

/**
 * Address of Coriolis' endpoint, to which paths such as `/transfers` are appended, without a trailing slash.
 * @throws {CapabilityError} the catalogue has no such service; the message lists its services
 * @throws {InvalidInputError} the service has no such region, interface or name, or the override is wrong
 */
export function findCoriolisAddress(
  token: { readonly projectId: string; readonly catalogue: readonly CatalogueService[] },
  selection: CatalogueSelection = {},
): string {
  if (selection.override !== undefined && selection.override.trim() !== '') {
    return completeOverride(selection.override, token.projectId);
  }
  const url = catalogueUrl(token.catalogue, 'Coriolis', selection.serviceType ?? 'migration', selection);
  // Catalogues that Keystone reads from a file contain `$(project_id)s` in place of the project.
  return url.replace(PLACEHOLDER, token.projectId);
}

/**
 * Regions of the catalogue among which the user should choose, the one in use first. Empty when there is only one, or
 * the user has already chosen a region or an address.
 */
export function catalogueRegionsToChoose(
  token: { readonly catalogue: readonly CatalogueService[] },
  { serviceType = 'migration', serviceName, region, interface: side, override }: CatalogueSelection = {},
): readonly string[] {
  if ([region, override].some((given) => given !== undefined && given.trim() !== '')) return [];
  const endpoints = endpointsOf(token.catalogue, 'Coriolis', serviceType, { serviceName, interface: side });
  const regions = [...new Set(endpoints.map((endpoint) => endpoint.region))];
  return regions.length > 1 ? regions : [];
}

/** Names of the services beside Coriolis, for error messages. */
const COMPANION_NAMES: Readonly<Record<CompanionService, string>> = {
  'coriolis-logger': 'log service of Coriolis',
  'coriolis-licensing': 'licensing server of Coriolis',
  'key-manager': 'Barbican',
};

/**
 * Address of a service beside Coriolis, in the selected region and interface, without a trailing slash. Barbican's is
 * without `/v1`, whether the catalogue spells it or not (docs/reference/coriolis-api.md §3.2).
 * @throws what `findCoriolisAddress` throws
 */
export function findServiceAddress(
  token: { readonly catalogue: readonly CatalogueService[] },
  service: CompanionService,
  { region, interface: side, others = {} }: CatalogueSelection = {},
): string {
  const url = catalogueUrl(token.catalogue, COMPANION_NAMES[service], service, { region, interface: side });
  return others[service] ?? (service === 'key-manager' ? url.replace(/\/v1$/, '') : url);
}

type Choice = Pick<CatalogueSelection, 'serviceName' | 'region' | 'interface'>;

/** Address of the service with a type in the catalogue. `what` names the service in errors. */
function catalogueUrl(
  catalogue: readonly CatalogueService[],
  what: string,
  type: string,
  selection: Choice,
): string {
  const [chosen] = endpointsOf(catalogue, what, type, selection);
  if (chosen === undefined) {
    throw new CapabilityError(`Keystone's catalogue lists ${what} without any endpoint`, {
      advice: 'Register an endpoint for it, or give the endpoint URL by hand.',
    });
  }
  return chosen.url.replace(/\/+$/, '');
}

/** Endpoints in the catalogue that match a selection, in the catalogue's order. `what` names the service in errors. */
function endpointsOf(
  catalogue: readonly CatalogueService[],
  what: string,
  type: string,
  selection: Choice,
): CatalogueService['endpoints'] {
  const services = catalogue.filter((service) => service.type === type);
  if (services.length === 0) {
    throw new CapabilityError(
      `Keystone knows no ${what}: its catalogue has no service of type "${type}" (it has ${list(catalogue.map((service) => `${quoteText(service.type, 60)} "${quoteText(service.name, 60)}"`))})`,
      {
        advice:
          what === 'Coriolis'
            ? 'Check that this Keystone is the one Coriolis is registered with; or give the service type, or the endpoint URL, by hand.'
            : 'This installation may lack the service; otherwise its operator must register it in Keystone.',
      },
    );
  }
  const named = filterEntries(
    services,
    { what, field: 'serviceName' },
    selection.serviceName,
    (service) => service.name,
  );
  const endpoints = named.flatMap((service) => service.endpoints);
  const inRegion = filterEntries(
    endpoints,
    { what, field: 'region' },
    selection.region,
    (endpoint) => endpoint.region,
  );
  return filterEntries(
    inRegion,
    { what, field: 'interface' },
    selection.interface ?? 'public',
    // Keystone v2 called it "publicURL"; some deployments kept that name.
    (endpoint) => endpoint.interface.replace(/URL$/, ''),
  );
}

/** Catalogue entries whose property has the value `wanted`; all entries when `wanted` is undefined. */
function filterEntries<T>(
  entries: readonly T[],
  { what, field }: { readonly what: string; readonly field: string },
  wanted: string | undefined,
  word: (entry: T) => string,
): readonly T[] {
  if (wanted === undefined || wanted === '' || entries.length === 0) return entries;
  const found = entries.filter((entry) => word(entry) === wanted);
  if (found.length > 0) return found;
  // An endpoint with the region `*` serves every region.
  const everywhere = field === 'region' ? entries.filter((entry) => word(entry) === '*') : [];
  if (everywhere.length > 0) return everywhere;
  throw new InvalidInputError(`${what} has no endpoint for the ${NAMES[field] ?? field} "${wanted}"`, {
    field,
    advice: `The catalogue has ${list(entries.map((entry) => word(entry) || NAMELESS))}.`,
  });
}

/** Display name for the region of an endpoint that has none. */
const NAMELESS = 'one without a name';

const NAMES: Readonly<Record<string, string>> = { serviceName: 'service name' };

const list = (words: readonly string[]): string => {
  const unique = [...new Set(words)].sort();
  return unique.length === 0 ? 'none' : unique.join(', ');
};

const PLACEHOLDER = /\{(?:project|tenant)_id\}|[$%]\((?:project|tenant)_id\)s/g;

/** Completes the address in `override` with the id of the project: in place of a placeholder, else at the end. */
function completeOverride(override: string, projectId: string): string {
  const given = override.replace(PLACEHOLDER, projectId);
  const url = normalizeHttpUrl(given, 'override');
  const last = /^https?:\/\/[^/]+(?:\/.*?)?\/([^/]+)$/i.exec(url)?.[1];
  if (last === projectId) return url;
  if (last !== undefined && /^[0-9a-f]{32}$/i.test(last.replaceAll('-', ''))) {
    throw new InvalidInputError(
      `The endpoint URL ends in another project (${last}) than that of the login (${projectId})`,
      {
        field: 'override',
        advice: 'Leave the project out of the URL, or log in to that project.',
      },
    );
  }
  return last === undefined ? `${url}/v1/${projectId}` : `${url}/${projectId}`;
}
