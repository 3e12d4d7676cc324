import {
  USUAL,
  asCredential,
  hurried,
  executed,
  inTurn,
  nothing,
  quick,
  started,
  then,
  unexecuted,
} from '../acts';
import type { Lab } from '../lab';
import type { SetUp, SetUps } from '../replay';

/** How long the tokens of these recordings live, in seconds. */
const SHORT_LIFE_SECONDS = 20;

/** Logs in with tokens that live for 20 s. */
const shortLived: SetUp = async (lab) => {
  lab.sandbox.identity.tokenLifetimeMs = SHORT_LIFE_SECONDS * 1000;
  return { token: await lab.login({ user: 'demo' }) };
};

const expired: SetUp = then(shortLived, (lab) => lab.advance(SHORT_LIFE_SECONDS + 1));

/** Coriolis has validated the token, then it was revoked. */
const revokedInCache: SetUp = async (lab) => {
  const token = await lab.login({ user: 'demo' });
  await lab.call('GET', 'transfers', null, token);
  await lab.revoke(token);
  return { token };
};

/** The transfer of these recordings maps four networks. */
const FOUR_NETWORKS = quick('test-vm-03', {
  notes: null,
  network_map: { 'VM Network': 'private', Backend: 'private', Storage: 'private', DMZ: 'private' },
  storage_mappings: { default: 'ceph-ssd' },
});

const thingsOfAnotherProject: SetUp = async (lab) => ({
  endpoint: lab.vcenter,
  transfer: await lab.transfer('transfer-create'),
});

const asUser = (user: 'demo' | 'admin', scope: 'default' | 'unscoped' = 'default') => {
  return async (lab: Lab) => ({ token: await lab.login({ user, scope }) });
};

/** Tokens at the Coriolis API: missing, wrong, unscoped, of other projects, revoked, expired, made from application credentials. */
export const authentication: SetUps = {
  'appcred-endpoint-instances': asCredential('restricted'),
  'appcred-endpoint-validate': asCredential('restricted'),
  'appcred-minion-pool-create': asCredential('restricted'),
  'appcred-schedule-create': inTurn(unexecuted(quick('test-vm-03')), asCredential('restricted')),
  'appcred-transfer-create': asCredential('restricted'),
  'appcred-transfer-execute': inTurn(unexecuted(quick('test-vm-03')), asCredential('restricted')),
  'appcred-transfer-list': inTurn(executed(quick('jenkins')), asCredential('restricted')),
  'appcred-unrestricted-schedule-create': inTurn(
    unexecuted(quick('test-vm-03')),
    asCredential('unrestricted'),
  ),
  'appcred-unrestricted-transfer-execute': inTurn(
    unexecuted(quick('test-vm-03')),
    asCredential('unrestricted'),
  ),
  'auth-admin-does-not-see-other-projects': inTurn(unexecuted(USUAL), asUser('admin')),
  'auth-bad-token-401': nothing,
  'auth-foreign-endpoint-404': thingsOfAnotherProject,
  'auth-foreign-transfer-404': thingsOfAnotherProject,
  'auth-legacy-collection-migrations-404': nothing,
  'auth-legacy-collection-replicas-404': nothing,
  'auth-no-token-401': nothing,
  'auth-other-project-in-url-400': asUser('demo'),
  'auth-other-project-own-list': inTurn(unexecuted(USUAL), async (lab) => ({
    token: await lab.login({ user: 'other' }),
  })),
  'auth-project-root': nothing,
  'auth-revoked-token-401': async (lab) => {
    const token = await lab.login({ user: 'demo' });
    await lab.revoke(token);
    return { token };
  },
  'auth-revoked-token-still-cached': revokedInCache,
  'auth-root-no-path': nothing,
  'auth-unknown-collection-404': nothing,
  'auth-unscoped-token': asUser('demo', 'unscoped'),
  'auth-v1-root': nothing,
  'auth-v1-root-no-token': nothing,
  'auth/execute-with-short-token': inTurn(unexecuted(quick('test-vm-03')), shortLived),
  'auth/expired-accept-text-401': expired,
  'auth/expired-auth-projects': expired,
  'auth/expired-delete-401': expired,
  'auth/expired-get-401': inTurn(executed(quick('test-vm-03')), expired),
  'auth/expired-list-401': expired,
  'auth/expired-post-401': inTurn(unexecuted(quick('test-vm-03')), expired),
  'auth/expired-rescope': expired,
  'auth/expired-revoke': expired,
  'auth/expired-unknown-route-401': expired,
  'auth/expires-during-slow-call': hurried(
    then(shortLived, async (lab) => {
      const endpoint = await lab.endpointOf({ host: 'slow.example.com' });
      lab.advance(SHORT_LIFE_SECONDS - 8);
      return { endpoint };
    }),
  ),
  'auth/revoked-cached-execute': inTurn(unexecuted(quick('test-vm-03')), revokedInCache),
  'auth/revoked-cached-get': inTurn(executed(FOUR_NETWORKS), revokedInCache),
  'auth/revoked-cached-schedule': inTurn(unexecuted(quick('test-vm-03')), revokedInCache),
  'auth/revoked-cached-update': inTurn(unexecuted(quick('test-vm-03')), revokedInCache),
  'auth/revoked-cached-validate': revokedInCache,
  'auth/revoked-warm-up': executed(FOUR_NETWORKS),
  'auth/series-token-expires-while-polling': inTurn(shortLived, started(quick('test-vm-03'))),
  'auth/token-short-lived': shortLived,
};
