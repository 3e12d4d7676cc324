import { requesterOf } from '../http/request-context';
import type { CoriolisRoutes } from '../http/request-context';
import { requirePermission } from '../http/require-permission';
import { readStrictQueryFlag } from '../http/query-parameters';
import { readLatin1PathParam, makeHandlerWithBody, makeHandlerWithoutBody } from '../http/wsgi-handlers';
import type { JsonObject } from '../json-object';
import { formatTimestamp } from '../world/clock';
import { requireLockableId } from '../world/database-values';
import type { Schedule } from '../world/model';
import {
  checkNewSchedule,
  checkScheduleChanges,
  createSchedule,
  deleteSchedule,
  requireSchedule,
  listSchedulesOfTransfer,
  updateSchedule,
} from '../world/schedules/schedules';
import type { World } from '../world/world';
import { commonKeysView } from './json-views';

/**
 * Routes of `/transfers/{id}/schedules` (docs/reference/coriolis-api.md §9). Request bodies have no `schedule` wrapper;
 * answers have one.
 */
export function addScheduleRoutes(routes: CoriolisRoutes, world: World): void {
  const base = '/transfers/:transfer/schedules';

  const list = makeHandlerWithoutBody((context) => {
    requirePermission(context, 'transfer_schedules:list');
    const showExpired = readStrictQueryFlag(context, 'show_expired', true);
    const transfer = requireLockableId(readLatin1PathParam(context, 'transfer'));
    const schedules = listSchedulesOfTransfer(world, context.get('projectId'), transfer, showExpired);
    return context.json({ schedules: schedules.map(scheduleView) });
  });
  routes.get(base, list);
  routes.get(`${base}/index`, list);

  routes.post(
    base,
    makeHandlerWithBody((context, body) => {
      requirePermission(context, 'transfer_schedules:create');
      const fields = checkNewSchedule(world, body);
      const schedule = createSchedule(
        world,
        requesterOf(context),
        readLatin1PathParam(context, 'transfer'),
        fields,
      );
      return context.json({ schedule: scheduleView(schedule) });
    }),
  );

  routes.get(
    `${base}/:id`,
    makeHandlerWithoutBody((context) => {
      requirePermission(context, 'transfer_schedules:show');
      const [transfer, id] = [readLatin1PathParam(context, 'transfer'), readLatin1PathParam(context, 'id')];
      const schedule = requireSchedule(world, context.get('projectId'), transfer, id);
      return context.json({ schedule: scheduleView(schedule) });
    }),
  );

  routes.put(
    `${base}/:id`,
    makeHandlerWithBody((context, body) => {
      requirePermission(context, 'transfer_schedules:update');
      const changes = checkScheduleChanges(world, body);
      const [transfer, id] = [readLatin1PathParam(context, 'transfer'), readLatin1PathParam(context, 'id')];
      const schedule = updateSchedule(world, context.get('projectId'), transfer, id, changes);
      return context.json({ schedule: scheduleView(schedule) });
    }),
  );

  routes.delete(
    `${base}/:id`,
    makeHandlerWithoutBody((context) => {
      requirePermission(context, 'transfer_schedules:delete');
      deleteSchedule(
        world,
        context.get('projectId'),
        readLatin1PathParam(context, 'transfer'),
        readLatin1PathParam(context, 'id'),
      );
      return context.body(null, 204);
    }),
  );
}

function scheduleView(schedule: Schedule): JsonObject {
  return {
    ...commonKeysView(schedule),
    id: schedule.id,
    transfer_id: schedule.transferId,
    schedule: schedule.times,
    expiration_date: formatTimestamp(schedule.expirationDate),
    enabled: schedule.enabled,
    shutdown_instance: schedule.shutdownInstance,
    auto_deploy: schedule.autoDeploy,
    trust_id: schedule.trustId,
  };
}
