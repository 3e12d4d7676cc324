import { forceOption, jsonBody, requestedAction, requireFields, unwrap } from '../http/body';
import { requesterOf } from '../http/context';
import type { CoriolisContext, CoriolisRoutes } from '../http/context';
import { page, queryStatus } from '../http/paging';
import type { Columns } from '../http/paging';
import { requirePermission } from '../http/policy';
import { queryFlag, queryTaskInfo } from '../http/query';
import {
  cancelDeployment,
  createDeployment,
  deleteDeployment,
  requireDeployment,
} from '../world/deployments/deployments';
import { createDirectMigration } from '../world/deployments/migrations';
import type { Deployment } from '../world/model';
import type { World } from '../world/world';
import { EXECUTION_STATUSES } from './executions';
import { ACTION_COLUMNS } from './transfers';
import { deploymentView } from './views';

const COLUMNS: Columns<Deployment> = {
  ...ACTION_COLUMNS,
  transfer_id: (deployment) => deployment.transferId,
  deployer_id: (deployment) => deployment.deployerId,
};

/** `/deployments` (coriolis-api.md §10). */
export function addDeploymentRoutes(routes: CoriolisRoutes, world: World): void {
  const list = (context: CoriolisContext): Response => {
    requirePermission(context, 'deployments:list');
    const status = queryStatus(context, { accepted: EXECUTION_STATUSES, what: 'deployment status' });
    const showDeleted = queryFlag(context, 'show_deleted');
    const deployments = page(context, {
      newestFirst: world.deployments.newestFirst(context.get('projectId')),
      visible: (deployment) => showDeleted || deployment.deletedAt === null,
      wanted: (deployment) => status === undefined || deployment.lastExecutionStatus === status,
      columns: COLUMNS,
    });
    const show = queryTaskInfo(context);
    return context.json({
      deployments: deployments.map((deployment) => deploymentView(deployment, { tasks: show, info: show })),
    });
  };
  routes.get('/deployments', list);
  routes.get('/deployments/detail', list);

  routes.post('/deployments', async (context) => {
    requirePermission(context, 'deployments:create');
    const body = unwrap(await jsonBody(context), 'deployment', 'deployment creation');
    const direct = world.features.directMigrations && !body['transfer_id'];
    if (direct) requireFields(body, ['origin_endpoint_id', 'destination_endpoint_id'], 'deployment creation');
    const create = direct ? createDirectMigration : createDeployment;
    const deployment = create(world, requesterOf(context), body);
    return context.json({ deployment: deploymentView(deployment, { tasks: true, info: false }) });
  });

  routes.get('/deployments/:id', (context) => {
    requirePermission(context, 'deployments:show');
    const deployment = requireDeployment(world, context.get('projectId'), context.req.param('id'));
    const info = queryTaskInfo(context);
    return context.json({ deployment: deploymentView(deployment, { tasks: true, info }) });
  });

  routes.delete('/deployments/:id', (context) => {
    requirePermission(context, 'deployments:delete');
    deleteDeployment(world, context.get('projectId'), context.req.param('id'));
    return context.body(null, 204);
  });

  routes.post('/deployments/:id/actions', async (context) => {
    const { options } = requestedAction(await jsonBody(context), ['cancel']);
    requirePermission(context, 'deployments:cancel');
    cancelDeployment(world, context.get('projectId'), context.req.param('id'), forceOption(options));
    return context.body(null, 204);
  });
}
