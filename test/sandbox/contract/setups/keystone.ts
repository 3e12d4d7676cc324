import { nothing, then } from '../acts';
import type { SetUp, SetUps } from '../replay';

const loggedIn: SetUp = async (lab) => ({ token: await lab.login({ user: 'demo' }) });
const unscoped: SetUp = async (lab) => ({ token: await lab.login({ user: 'withoutProject' }) });

/** Keystone itself: discovery, logging in by every method, projects, catalogue, validation, revocation. */
export const keystone: SetUps = {
  'keystone-auth-catalog': loggedIn,
  'keystone-auth-projects': loggedIn,
  'keystone-auth-projects-unscoped': unscoped,
  'keystone-projects-bad-token-401': nothing,
  'keystone-services-403': loggedIn,
  'keystone-token-appcred-id': nothing,
  'keystone-token-appcred-name': nothing,
  'keystone-token-appcred-unknown-id-404': nothing,
  'keystone-token-appcred-with-scope': nothing,
  'keystone-token-appcred-wrong-secret-401': nothing,
  'keystone-token-bad-json-400': nothing,
  'keystone-token-domain-scope-401': nothing,
  'keystone-token-malformed-400': nothing,
  'keystone-token-missing-domain-400': nothing,
  'keystone-token-no-role-on-project-401': nothing,
  'keystone-token-password-ids': nothing,
  'keystone-token-password-other-domain': nothing,
  'keystone-token-password-project': nothing,
  'keystone-token-password-unscoped': nothing,
  'keystone-token-password-unscoped-default-project': nothing,
  'keystone-token-password-unscoped-explicit': nothing,
  'keystone-token-rescope': loggedIn,
  'keystone-token-revoke-204': then(loggedIn, async (lab) => ({
    subjectToken: await lab.login({ user: 'demo' }),
  })),
  'keystone-token-unknown-project-401': nothing,
  'keystone-token-unknown-user-401': nothing,
  'keystone-token-validate': loggedIn,
  'keystone-token-validate-bad-404': loggedIn,
  'keystone-token-wrong-domain-401': nothing,
  'keystone-token-wrong-password-401': nothing,
  'keystone-v3': nothing,
  'keystone-v3-slash': nothing,
  'keystone-versions-300': nothing,
};
