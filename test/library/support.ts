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
