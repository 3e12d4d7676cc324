import { isDeepStrictEqual } from 'node:util';
import { findNextCronTime } from '../time/cron-times';
import type { CronTimes } from '../time/cron-times';
import { planAutoDeployment } from '../deployments/auto-deployment';
import { executeTransfer } from '../transfers/executions';
import { isActiveExecutionStatus } from '../model';
import type { Schedule, Requester } from '../model';
import type { JsonObject } from '../../json-object';
import { pythonRepr } from '../../python/value-texts';
import { ApiError, badRequest, internalError, notFoundWithClassName } from '../api-error';
import { findSchemaProblem } from '../../python/schema-check';
import { findTransfer } from '../transfers/transfers';
import { PythonError, pythonTypeError, pythonValueError } from '../../python/errors';
import { pythonContains, getFromDict, pythonTypeName } from '../../python/value-operations';
import { normaliseId, requireLockableId } from '../database-values';
import type { World } from '../world';

/** Values of a schedule in a request. */
export type ScheduleFields = Pick<
  Schedule,
  'times' | 'enabled' | 'expirationDate' | 'shutdownInstance' | 'autoDeploy'
>;

const wholeNumber = (minimum: number, maximum: number): JsonObject => ({ type: 'integer', minimum, maximum });

const TIMES_SCHEMA: JsonObject = {
  type: 'object',
  properties: {
    minute: wholeNumber(0, 59),
    hour: wholeNumber(0, 23),
    dom: wholeNumber(1, 31),
    month: wholeNumber(1, 12),
    dow: wholeNumber(0, 6),
  },
};

const BODY_SCHEMA: JsonObject = {
  $schema: 'http://cloudbase.it/coriolis/schemas/transfer_schedule_schema#',
  type: 'object',
  properties: {
    schedule: TIMES_SCHEMA,
    expiration_date: {
      oneOf: [
        { type: 'string', format: 'date-time', description: 'Expiration date for this schedule.' },
        { type: 'null' },
      ],
    },
    enabled: { type: 'boolean', description: 'Schedule is enabled.' },
    shutdown_instance: {
      type: 'boolean',
      description: 'Shutdown instance before creating a snapshot.',
    },
    auto_deploy: {
      type: 'boolean',
      description: 'Deploy transfer automatically after the execution finishes.',
    },
  },
};

/** Schedules of a transfer in order of their ids; none for an unknown transfer. */
export function listSchedulesOfTransfer(
  world: World,
  projectId: string,
  transferId: string,
  showExpired: boolean,
): Schedule[] {
  return world.schedules
    .ofProject(projectId)
    .filter(
      (schedule) =>
        normaliseId(schedule.transferId) === normaliseId(transferId) &&
        schedule.deletedAt === null &&
        (showExpired || schedule.expirationDate === null || schedule.expirationDate > world.serverSeconds()),
    )
    .sort((one, other) => (one.id < other.id ? -1 : 1));
}

export function requireSchedule(world: World, projectId: string, transferId: string, id: string): Schedule {
  const schedule = findSchedule(world, projectId, transferId, requireLockableId(id));
  if (schedule) return schedule;
  throw notFoundWithClassName(`Schedule with ID '${id}' for Transfer '${transferId}' not found.`);
}

/**
 * Checks the body of a creation in the order of the real server (`TransferScheduleController._validate_create_body`).
 * @throws ApiError 400 for every error
 */
export function checkNewSchedule(world: World, body: unknown): ScheduleFields {
  return asBadRequest(() => {
    const times = getFromDict(body, 'schedule');
    if (times === null) throw pythonValueError('schedule is required');
    requireFitting(TIMES_SCHEMA, times);
    requireFitting(BODY_SCHEMA, body);
    return {
      times: times as CronTimes,
      enabled: getFromDict(body, 'enabled', true) as boolean,
      expirationDate: expirationDate(world, getFromDict(body, 'expiration_date')),
      shutdownInstance: getFromDict(body, 'shutdown_instance', false) as boolean,
      autoDeploy: getFromDict(body, 'auto_deploy', false) as boolean,
    };
  });
}

/**
 * Stores a schedule whose body was checked. Like the server it creates the Keystone trust before it looks for the
 * transfer, so callers without a trust get that error first.
 */
export function createSchedule(
  world: World,
  requester: Requester,
  transferId: string,
  fields: ScheduleFields,
): Schedule {
  if (!requester.trusted) throw internalError();
  const transfer = findTransfer(world, requester.projectId, transferId);
  if (!transfer) throw notFoundWithClassName(`Transfer with ID '${transferId}' not found.`);
  const schedule = world.schedules.add({
    ...fields,
    id: world.makeId(),
    projectId: requester.projectId,
    userId: requester.userId,
    transferId: transfer.id,
    trustId: world.random.hex(32),
    createdAt: world.serverSeconds(),
    updatedAt: null,
    deletedAt: null,
  });
  planNextRun(world, schedule);
  return schedule;
}

/**
 * Changes a schedule; its times are replaced, not merged. An unknown schedule is answered with the generic 500
 * (docs/reference/coriolis-api.md §17, trap 18).
 */
export function updateSchedule(
  world: World,
  projectId: string,
  transferId: string,
  id: string,
  changes: Partial<ScheduleFields>,
): Schedule {
  const schedule = findSchedule(world, projectId, transferId, requireLockableId(id));
  if (!schedule) {
    if (Object.keys(changes).length === 0) throw pythonTypeError('no schedule to register');
    throw internalError();
  }
  const before = { ...schedule };
  Object.assign(schedule, changes);
  if (!isDeepStrictEqual(before, schedule)) schedule.updatedAt = world.serverSeconds();
  planNextRun(world, schedule);
  return schedule;
}

export function deleteSchedule(world: World, projectId: string, transferId: string, id: string): void {
  requireLockableId(id);
  const transfer = findTransfer(world, projectId, transferId);
  if (!transfer) throw notFoundWithClassName(`Transfer with ID '${transferId}' not found.`);
  const { lastExecutionStatus: status } = transfer;
  if (isActiveExecutionStatus(status)) {
    throw badRequest(
      `Transfer Schedule cannot be deleted while the Transfer is in ${status} state. Please wait for the Transfer execution to finish`,
    );
  }
  const schedule = findSchedule(world, projectId, transferId, id);
  if (!schedule) throw notFoundWithClassName('No such schedule');
  schedule.deletedAt = world.serverSeconds();
}

function findSchedule(world: World, projectId: string, transferId: string, id: string): Schedule | undefined {
  return listSchedulesOfTransfer(world, projectId, transferId, true).find(
    (schedule) => normaliseId(schedule.id) === normaliseId(id),
  );
}

/**
 * Checks the body of an update in the order of the real server. Null means the same as absent, except for the expiration date.
 * @throws ApiError 400 for every error
 */
export function checkScheduleChanges(world: World, body: unknown): Partial<ScheduleFields> {
  return asBadRequest(() => {
    const times = getFromDict(body, 'schedule');
    if (times !== null) requireFitting(TIMES_SCHEMA, times);
    const flags = Object.fromEntries(
      ['enabled', 'shutdown_instance', 'auto_deploy']
        .map((name) => [name, getFromDict(body, name)] as const)
        .filter(([, value]) => value !== null),
    );
    requireFitting(BODY_SCHEMA, flags);
    const { enabled, shutdown_instance: shutdownInstance, auto_deploy: autoDeploy } = flags;
    return {
      ...(times !== null && { times: times as CronTimes }),
      ...(typeof enabled === 'boolean' && { enabled }),
      ...(typeof shutdownInstance === 'boolean' && { shutdownInstance }),
      ...(typeof autoDeploy === 'boolean' && { autoDeploy }),
      ...(pythonContains(body, 'expiration_date') && {
        expirationDate: expirationDate(world, getFromDict(body, 'expiration_date')),
      }),
    };
  });
}

/** Converts a Python exception of a check to a 400 with its text. Other errors pass. */
function asBadRequest<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw error instanceof PythonError ? badRequest(error.message) : error;
  }
}

function requireFitting(schema: JsonObject, value: unknown): void {
  const problem = findSchemaProblem(schema, value);
  if (problem !== null) throw badRequest(problem);
}

/** Parses an expiration date in ISO 8601; a date without a time zone is in UTC. Null means that it never expires. */
function expirationDate(world: World, given: unknown): number | null {
  if (given === null) return null;
  if (typeof given !== 'string')
    throw pythonValueError(`expected string or bytes-like object, got '${pythonTypeName(given)}'`);
  const zoned = /[T ].*(?:Z|[+-]\d\d:?\d\d)$/i.test(given) || !/[T ]/.test(given);
  const moment = /^\d{4}/.test(given) ? Date.parse(zoned ? given : `${given}Z`) : NaN;
  if (Number.isNaN(moment)) throw pythonValueError(`Unable to parse date string ${pythonRepr(given)}`);
  if (moment < world.serverSeconds() * 1000) throw pythonValueError('expiration_date is in the past');
  return Math.floor(moment / 1000);
}

/**
 * Newest plan of each schedule, compared by identity: older plans are ignored when their time comes.
 */
const currentPlans = new WeakMap<Schedule, object>();

/** Plans the next execution of a schedule. Schedules follow the server's clock, which the speed does not change. */
function planNextRun(world: World, schedule: Schedule): void {
  const plan = {};
  currentPlans.set(schedule, plan);
  const time = schedule.enabled ? findNextCronTime(schedule.times, world.serverSeconds()) : null;
  if (time === null || (schedule.expirationDate !== null && schedule.expirationDate < time)) return;
  world.scheduleAt(time, () => {
    if (currentPlans.get(schedule) !== plan || schedule.deletedAt !== null) return;
    if (!world.conditions.has('silent-schedules')) runSchedule(world, schedule);
    planNextRun(world, schedule);
  });
}

/**
 * Executes the transfer for the user who created the schedule. When the server refuses, for example because an
 * execution is running, nothing shows it.
 */
function runSchedule(world: World, schedule: Schedule): void {
  const { projectId, userId, transferId, shutdownInstance, autoDeploy } = schedule;
  const requester = { projectId, userId, trusted: true };
  try {
    const options = { shutdownInstances: shutdownInstance };
    const execution = executeTransfer(world, requester, transferId, options);
    if (autoDeploy) planAutoDeployment(world, requester, transferId, execution);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
}
