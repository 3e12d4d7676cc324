import type { ConnectOptions } from '../../library';
import type { Sandbox } from '../../sandbox/sandbox';

/** The login of a sandbox, as options of `connect`. */
export const loginTo = ({ connection }: Sandbox): ConnectOptions => ({
  authUrl: connection.auth_url,
  username: connection.username,
  password: connection.password,
  userDomainName: connection.user_domain,
  projectName: connection.project,
  projectDomainName: connection.project_domain,
});

/** The same, as a shell has it. */
export const environmentOf = ({ connection }: Pick<Sandbox, 'connection'>) => ({
  OS_AUTH_URL: connection.auth_url,
  OS_USERNAME: connection.username,
  OS_PASSWORD: connection.password,
  OS_USER_DOMAIN_NAME: connection.user_domain,
  OS_PROJECT_NAME: connection.project,
  OS_PROJECT_DOMAIN_NAME: connection.project_domain,
});
