import type { CoriolisRoutes } from '../http/request-context';
import { requirePermission } from '../http/require-permission';
import { makeHandlerWithoutBody } from '../http/wsgi-handlers';
import { licenceView, reservationView, licenceStatusView } from '../licensing/json-views';
import { diagnosticsOfAllProcesses } from '../world/installation/diagnostics';
import type { World } from '../world/world';

/** Routes of `/diagnostics` (docs/reference/coriolis-api.md §6.7). */
export function addDiagnosticsRoutes(routes: CoriolisRoutes, world: World): void {
  routes.get(
    '/diagnostics',
    makeHandlerWithoutBody((context) => {
      requirePermission(context, 'diagnostics:get');
      const entries = diagnosticsOfAllProcesses().map((entry) => ({
        ...entry,
        ...(entry['application'] === 'coriolis-conductor' && licensingOf(world)),
      }));
      return context.json({ diagnostics: entries });
    }),
  );
}

/** Licensing part of the conductor's diagnostics. */
function licensingOf({ licensing, conditions }: World): object {
  const [appliance] = licensing.appliances.values();
  if (!licensing.isEnforced || !appliance) return {};
  return {
    licensing_status: licenceStatusView(licensing, appliance, conditions.has('nested-licences')),
    licences: [...appliance.licences.values()].map(licenceView),
    reservations: [...appliance.reservations.values()].map((one) => reservationView(appliance, one)),
  };
}
