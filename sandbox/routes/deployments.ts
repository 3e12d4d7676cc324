import { requesterOf } from '../http/request-context';
import type { CoriolisContext, CoriolisRoutes } from '../http/request-context';
import { makeListPage } from '../http/list-page';
import type { SortColumns } from '../http/list-page';
import { requirePermission } from '../http/require-permission';
import {
  readForceOption,
  readLatin1PathParam,
  makeActionHandler,
  makeHandlerWithBody,
  makeHandlerWithoutBody,
} from '../http/wsgi-handlers';
import { runRequestBodyCheck } from '../world/request-body-check';
import { readQueryFlag, wantsTaskInfo } from '../http/query-parameters';
import {
  cancelDeployment,
  createDeployment,
  deleteDeployment,
  requireDeployment,
} from '../world/deployments/deployments';
import { createLegacyMigration } from '../world/deployments/legacy-migrations';
import { checkNewDeployment } from '../world/deployments/new-deployment';
import type { Deployment } from '../world/model';
import type { World } from '../world/world';
import { FILTERABLE_STATUSES } from './executions';
import { ACTION_SORT_COLUMNS } from './transfers';
import { deploymentView } from './json-views';

const COLUMNS: SortColumns<Deployment> = {
  ...ACTION_SORT_COLUMNS,
  transfer_id: (deployment) => deployment.transferId,
  deployer_id: (deployment) => deployment.deployerId,
};

/** Routes of `/deployments` (docs/reference/coriolis-api.md §10). */
export function addDeploymentRoutes(routes: CoriolisRoutes, world: World): void {
  const list = (context: CoriolisContext): Response => {
    requirePermission(context, 'deployments:list');
    const showDeleted = readQueryFlag(context, 'show_deleted');
    const deployments = makeListPage(context, {
      newestFirst: world.deployments.newestFirst(context.get('projectId')),
      isVisible: (deployment) => showDeleted || deployment.deletedAt === null,
      filterableStatus: {
        accepted: FILTERABLE_STATUSES,
        what: 'deployment status',
        of: ({ lastExecutionStatus }) => lastExecutionStatus,
      },
      columns: COLUMNS,
    });
    const show = wantsTaskInfo(context);
    return context.json({
      deployments: deployments.map((deployment) => deploymentView(deployment, { tasks: show, info: show })),
    });
  };
  routes.get('/deployments', makeHandlerWithoutBody(list));
  routes.get('/deployments/detail', makeHandlerWithoutBody(list));

  routes.post(
    '/deployments',
    makeHandlerWithBody((context, body) => {
      const requester = requesterOf(context);
      const create = (): Deployment => {
        requirePermission(context, 'deployments:create');
        if (world.features.directMigrations) return createLegacyMigration(world, requester, body);
        const fields = runRequestBodyCheck('deployment', 'creation', () => checkNewDeployment(world, body));
        return createDeployment(world, requester, fields);
      };
      return context.json({ deployment: deploymentView(create(), { tasks: true, info: false }) });
    }),
  );

  routes.get(
    '/deployments/:id',
    makeHandlerWithoutBody((context) => {
      requirePermission(context, 'deployments:show');
      const info = wantsTaskInfo(context);
      const deployment = requireDeployment(
        world,
        context.get('projectId'),
        readLatin1PathParam(context, 'id'),
      );
      return context.json({ deployment: deploymentView(deployment, { tasks: true, info }) });
    }),
  );

  routes.delete(
    '/deployments/:id',
    makeHandlerWithoutBody((context) => {
      requirePermission(context, 'deployments:delete');
      deleteDeployment(world, context.get('projectId'), readLatin1PathParam(context, 'id'));
      return context.body(null, 204);
    }),
  );

  routes.post(
    '/deployments/:id/actions',
    makeActionHandler({
      cancel: (context, options) => {
        requirePermission(context, 'deployments:cancel');
        cancelDeployment(
          world,
          context.get('projectId'),
          readLatin1PathParam(context, 'id'),
          readForceOption(options),
        );
        return context.body(null, 204);
      },
    }),
  );
}
