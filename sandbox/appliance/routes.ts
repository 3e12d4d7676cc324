import { Hono } from 'hono';
import { BARBICAN_PREFIX } from '../barbican/routes';
import { LICENSING_PREFIX } from '../licensing/routes';
import { METAL_HUB_PREFIX } from '../metal-hub/routes';

/**
 * Routes of an appliance's configuration, which needs no login (cloudbase/coriolis-web, server/api/ConfigApi.ts and
 * config.ts).
 */
export function makeApplianceRoutes(): Hono {
  const routes = new Hono();
  routes.get('/api/config', (context) => {
    const { origin } = new URL(context.req.url);
    const config = {
      defaultUserDomain: 'default',
      showUserDomainInput: false,
      adminRoleName: 'admin',
      useBarbicanSecrets: true,
      requestPollTimeout: 5000,
      bareMetalEndpointName: 'appliance-metal-hub',
      servicesUrls: {
        keystone: `${origin}/identity`,
        barbican: `${origin}${BARBICAN_PREFIX}`,
        coriolis: `${origin}/coriolis`,
        coriolisLogs: `${origin}/logs`,
        coriolisLogStreamBaseUrl: origin,
        coriolisLicensing: `${origin}${LICENSING_PREFIX}`,
        metalhub: `${origin}${METAL_HUB_PREFIX}`,
      },
    };
    return context.json({ config, isFirstLaunch: false });
  });
  return routes;
}
