import type { SandboxConnection } from './sandbox';

/** The login of a sandbox as `OS_*` variables. */
export const loginVariablesOf = (connection: SandboxConnection): Readonly<Record<string, string>> => ({
  OS_AUTH_URL: connection.auth_url,
  OS_USERNAME: connection.username,
  OS_PASSWORD: connection.password,
  OS_USER_DOMAIN_NAME: connection.user_domain,
  OS_PROJECT_NAME: connection.project,
  OS_PROJECT_DOMAIN_NAME: connection.project_domain,
  OS_REGION_NAME: connection.region,
});
