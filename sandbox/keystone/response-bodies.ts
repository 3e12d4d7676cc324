import type { Domain, Project } from './user-directory';
import type { Token } from './identity-service';

/** A service of the catalogue. Its three endpoints (public, internal, admin) have one URL, in the region `RegionOne`. */
export interface CatalogueService {
  /** Service type, e.g. `migration` (docs/reference/coriolis-api.md §3.2). */
  readonly type: string;
  readonly name: string;
  /**
   * Makes the URL of the service's endpoints.
   * @param origin e.g. `http://127.0.0.1:5000` @param projectId the project that the token is scoped to
   */
  readonly url: (origin: string, projectId: string) => string;
}

/** The name of the only region. */
export const REGION_NAME = 'RegionOne';

/** The services of a sandbox, all on one address. */
export const DEFAULT_CATALOGUE_SERVICES: readonly CatalogueService[] = [
  { type: 'migration', name: 'coriolis', url: (origin, projectId) => `${origin}/v1/${projectId}` },
  { type: 'identity', name: 'keystone', url: (origin) => `${origin}/v3/` },
  { type: 'coriolis-logger', name: 'coriolis-logger', url: (origin) => `${origin}/logger/api/v1` },
  { type: 'coriolis-licensing', name: 'coriolis-licensing', url: (origin) => `${origin}/licensing` },
  { type: 'key-manager', name: 'barbican', url: (origin) => `${origin}/barbican` },
];

interface CatalogueEntry {
  endpoints: { id: string; interface: string; region_id: string; url: string; region: string }[];
  id: string;
  type: string;
  name: string;
}

/** The catalogue of a token's project, as `GET /v3/auth/catalog` and the token itself carry it. */
export function serviceCatalogueOf(
  services: readonly CatalogueService[],
  origin: string,
  project: Project,
): CatalogueEntry[] {
  return services.map((service, index) => ({
    endpoints: ['internal', 'public', 'admin'].map((kind, place) => ({
      id: catalogueId(index + 1, place + 1),
      interface: kind,
      region_id: REGION_NAME,
      url: service.url(origin, project.id),
      region: REGION_NAME,
    })),
    id: catalogueId(index + 1, 0),
    type: service.type,
    name: service.name,
  }));
}

/**
 * Makes the id of a service or endpoint. Nothing looks for these ids: they only need to be unique and to look like
 * Keystone's.
 */
function catalogueId(service: number, endpoint: number): string {
  return `${service}${endpoint}`.padStart(32, '0');
}

/**
 * The body of `POST` and `GET /v3/auth/tokens`.
 * @param services `null` leaves the catalogue out (`?nocatalog`)
 */
export function tokenDocumentOf(
  token: Token,
  services: readonly CatalogueService[] | null,
  origin: string,
): { token: Record<string, unknown> } {
  const { user, project, applicationCredential } = token;
  return {
    token: {
      methods: token.methods,
      user: { domain: domainOf(user.domain), id: user.id, name: user.name, password_expires_at: null },
      audit_ids: token.auditIds,
      expires_at: timestamp(token.expiresAtMs),
      issued_at: timestamp(token.issuedAtMs),
      ...(project && {
        project: { domain: domainOf(project.domain), id: project.id, name: project.name },
        is_domain: false,
        roles: token.roles,
        ...(services && { catalog: serviceCatalogueOf(services, origin, project) }),
      }),
      ...(applicationCredential && {
        application_credential: {
          id: applicationCredential.id,
          name: applicationCredential.name,
          restricted: applicationCredential.restricted,
        },
      }),
    },
  };
}

/** A project as `GET /v3/auth/projects` lists it. */
export function projectDocumentOf(project: Project, origin: string): Record<string, unknown> {
  return {
    id: project.id,
    name: project.name,
    domain_id: project.domain.id,
    description: '',
    enabled: true,
    parent_id: project.domain.id,
    is_domain: false,
    tags: [],
    options: {},
    links: { self: `${origin}/v3/projects/${project.id}` },
  };
}

function domainOf(domain: Domain): { id: string; name: string } {
  return { id: domain.id, name: domain.name };
}

/** Formats a time like Keystone: UTC, six fraction digits, `Z`. */
function timestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/Z$/, '000Z');
}
