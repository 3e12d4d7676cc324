import { requesterOf } from '../http/request-context';
import type { CoriolisContext, CoriolisRoutes } from '../http/request-context';
import { readPage } from '../http/paging';
import type { SortColumns } from '../http/paging';
import { requirePermission } from '../http/permissions';
import { forceOption, latin1Param, withActions, withBody, withoutBody } from '../http/wsgi-handlers';
import { runBodyCheck } from '../world/body-check';
import { queryFlag, wantsTaskInfo } from '../http/query';
import {
  cancelDeployment,
  createDeployment,
  deleteDeployment,
  requireDeployment,
} from '../world/deployments/deployments';
import { createMigration } from '../world/deployments/legacy-migrations';
import { checkNewDeployment } from '../world/deployments/new-deployment';
import type { Deployment } from '../world/model';
import type { World } from '../world/world';
import { EXECUTION_STATUSES } from './executions';
import { ACTION_COLUMNS } from './transfers';
import { deploymentView } from './views';

const COLUMNS: SortColumns<Deployment> = {
  ...ACTION_COLUMNS,
  transfer_id: (deployment) => deployment.transferId,
  deployer_id: (deployment) => deployment.deployerId,
};

/** Routes of `/deployments` (docs/reference/coriolis-api.md §10). */
export function addDeploymentRoutes(routes: CoriolisRoutes, world: World): void {
  const list = (context: CoriolisContext): Response => {
    requirePermission(context, 'deployments:list');
    const showDeleted = queryFlag(context, 'show_deleted');
    const deployments = readPage(context, {
      newestFirst: world.deployments.newestFirst(context.get('projectId')),
      visible: (deployment) => showDeleted || deployment.deletedAt === null,
      status: {
        accepted: EXECUTION_STATUSES,
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
  routes.get('/deployments', withoutBody(list));
  routes.get('/deployments/detail', withoutBody(list));

  routes.post(
    '/deployments',
    withBody((context, body) => {
      const requester = requesterOf(context);
      const create = (): Deployment => {
        requirePermission(context, 'deployments:create');
        if (world.features.directMigrations) return createMigration(world, requester, body);
        const fields = runBodyCheck('deployment', 'creation', () => checkNewDeployment(world, body));
        return createDeployment(world, requester, fields);
      };
      return context.json({ deployment: deploymentView(create(), { tasks: true, info: false }) });
    }),
  );

  routes.get(
    '/deployments/:id',
    withoutBody((context) => {
      requirePermission(context, 'deployments:show');
      const info = wantsTaskInfo(context);
      const deployment = requireDeployment(world, context.get('projectId'), latin1Param(context, 'id'));
      return context.json({ deployment: deploymentView(deployment, { tasks: true, info }) });
    }),
  );

  routes.delete(
    '/deployments/:id',
    withoutBody((context) => {
      requirePermission(context, 'deployments:delete');
      deleteDeployment(world, context.get('projectId'), latin1Param(context, 'id'));
      return context.body(null, 204);
    }),
  );

  routes.post(
    '/deployments/:id/actions',
    withActions({
      cancel: (context, options) => {
        requirePermission(context, 'deployments:cancel');
        cancelDeployment(world, context.get('projectId'), latin1Param(context, 'id'), forceOption(options));
        return context.body(null, 204);
      },
    }),
  );
}
