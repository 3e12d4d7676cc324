import type { CoriolisRoutes } from '../http/context';
import { requirePermission } from '../http/policy';
import { diagnostics } from '../world/diagnostics';

/** `/diagnostics` (coriolis-api.md §6.7). */
export function addDiagnosticsRoutes(routes: CoriolisRoutes): void {
  routes.get('/diagnostics', (context) => {
    requirePermission(context, 'diagnostics:get');
    return context.json({ diagnostics: diagnostics() });
  });
}
