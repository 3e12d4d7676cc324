import { isObject, jsonBody } from '../http/body';
import { requesterOf } from '../http/context';
import type { CoriolisRoutes } from '../http/context';
import { requirePermission } from '../http/policy';
import { queryStrictFlag } from '../http/query';
import { timestamp } from '../world/clock';
import type { Schedule } from '../world/model';
import type { JsonObject } from '../json';
import { internalError } from '../world/refusal';
import {
  createSchedule,
  deleteSchedule,
  requireSchedule,
  schedulesOf,
  updateSchedule,
} from '../world/schedules/schedules';
import type { World } from '../world/world';
import { recordColumns } from './views';

/** `/transfers/{id}/schedules` (coriolis-api.md §9). */
export function addScheduleRoutes(routes: CoriolisRoutes, world: World): void {
  const base = '/transfers/:transfer/schedules';

  routes.get(base, (context) => {
    requirePermission(context, 'transfer_schedules:list');
    const showExpired = queryStrictFlag(context, 'show_expired', true);
    const schedules = schedulesOf(
      world,
      context.get('projectId'),
      context.req.param('transfer'),
      showExpired,
    );
    return context.json({ schedules: schedules.map(scheduleView) });
  });

  routes.post(base, async (context) => {
    requirePermission(context, 'transfer_schedules:create');
    const body = unwrapped(await jsonBody(context));
    const schedule = createSchedule(world, requesterOf(context), context.req.param('transfer'), body);
    return context.json({ schedule: scheduleView(schedule) });
  });

  routes.get(`${base}/:id`, (context) => {
    requirePermission(context, 'transfer_schedules:show');
    const { transfer, id } = context.req.param();
    return context.json({
      schedule: scheduleView(requireSchedule(world, context.get('projectId'), transfer, id)),
    });
  });

  routes.put(`${base}/:id`, async (context) => {
    requirePermission(context, 'transfer_schedules:update');
    const { transfer, id } = context.req.param();
    const body = unwrapped(await jsonBody(context));
    const schedule = updateSchedule(world, context.get('projectId'), transfer, id, body);
    return context.json({ schedule: scheduleView(schedule) });
  });

  routes.delete(`${base}/:id`, (context) => {
    requirePermission(context, 'transfer_schedules:delete');
    const { transfer, id } = context.req.param();
    deleteSchedule(world, context.get('projectId'), transfer, id);
    return context.body(null, 204);
  });
}

/** The bodies of schedules are not wrapped. */
function unwrapped(body: unknown): JsonObject {
  if (!isObject(body)) throw internalError();
  return body;
}

function scheduleView(schedule: Schedule): JsonObject {
  return {
    ...recordColumns(schedule),
    id: schedule.id,
    transfer_id: schedule.transferId,
    schedule: schedule.times,
    expiration_date: timestamp(schedule.expirationDate),
    enabled: schedule.enabled,
    shutdown_instance: schedule.shutdownInstance,
    auto_deploy: schedule.autoDeploy,
    trust_id: schedule.trustId,
  };
}
