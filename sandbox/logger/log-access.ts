import type { IdentityService } from '../keystone';

/** Places of a request that may carry a token. */
export interface TokenSources {
  /** The header `X-Auth-Token`. */
  readonly header: string | undefined;
  readonly query: URLSearchParams;
}

const ADMIN_ROLES = ['admin', 'Admin'];

/**
 * Checks access to logs (docs/reference/coriolis-api.md §13). Any valid token may list logs; only an administrator may
 * read them.
 * @param needs what the route requires
 * @returns the text of the 403; `null` when access is allowed
 */
export function findLogAccessProblem(
  identity: IdentityService,
  { header, query }: TokenSources,
  needs: 'token' | 'admin',
): string | null {
  const inQuery = query.get('auth_type') === 'keystone' ? query.get('auth_token') : null;
  const token = header ?? inQuery;
  if (!token) return 'Failed to authenticate: missing token in headers';
  let roles: readonly { readonly name: string }[];
  try {
    roles = identity.requireToken(token).roles;
  } catch {
    return 'Failed to authenticate: authenticating token: 401 UNAUTHORIZED';
  }
  if (needs === 'token' || roles.some(({ name }) => ADMIN_ROLES.includes(name))) return null;
  return 'you need admin level access to view logs';
}
