import { isDeepStrictEqual } from 'node:util';
import { nextTime } from '../time/cron';
import { deployAfter } from '../deployments/deployments';
import { executeTransfer } from '../transfers/executions';
import { isActive } from '../model';
import type { Schedule, Requester } from '../model';
import type { JsonObject } from '../../json';
import { pythonText } from '../../python/text';
import { Refusal, badRequest, internalError, remoteNotFound } from '../refusal';
import { schemaProblem } from '../../python/schema-check';
import { requireTransfer } from '../transfers/transfers';
import type { World } from '../world';

type ScheduleFields = Pick<
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
  type: 'object',
  properties: {
    schedule: TIMES_SCHEMA,
    expiration_date: { oneOf: [{ type: 'string', format: 'date-time' }, { type: 'null' }] },
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

/** The schedules of a transfer, in the order of their ids; of an unknown transfer: none. */
export function schedulesOf(
  world: World,
  projectId: string,
  transferId: string,
  showExpired: boolean,
): Schedule[] {
  return world.schedules
    .of(projectId)
    .filter(
      (schedule) =>
        schedule.transferId === transferId &&
        schedule.deletedAt === null &&
        (showExpired || schedule.expirationDate === null || schedule.expirationDate > world.now()),
    )
    .sort((one, other) => (one.id < other.id ? -1 : 1));
}

export function requireSchedule(world: World, projectId: string, transferId: string, id: string): Schedule {
  const schedule = findSchedule(world, projectId, transferId, id);
  if (schedule) return schedule;
  throw remoteNotFound(`Schedule with ID '${id}' for Transfer '${transferId}' not found.`);
}

/** Creates a schedule from the (unwrapped) body of a request. The Keystone trust comes before the transfer is looked for. */
export function createSchedule(
  world: World,
  requester: Requester,
  transferId: string,
  body: JsonObject,
): Schedule {
  const { schedule: times } = body;
  if (times === undefined || times === null) throw badRequest('schedule is required');
  refuseInvalid(TIMES_SCHEMA, times);
  refuseInvalid(BODY_SCHEMA, body);
  const expirationDate = readExpirationDate(world, body['expiration_date'] ?? null);
  if (!requester.trusted) throw internalError();
  const transfer = requireTransfer(world, requester.projectId, transferId);
  const schedule = world.schedules.add({
    id: world.newId(),
    projectId: requester.projectId,
    userId: requester.userId,
    transferId: transfer.id,
    trustId: world.random.hex(32),
    times,
    enabled: body['enabled'] !== false,
    expirationDate,
    shutdownInstance: body['shutdown_instance'] === true,
    autoDeploy: body['auto_deploy'] === true,
    createdAt: world.now(),
    updatedAt: null,
    deletedAt: null,
  });
  arm(world, schedule);
  return schedule;
}

/** Changes a schedule; its times are replaced, not merged. An unknown one is a generic 500 (coriolis-api.md §17, trap 18). */
export function updateSchedule(
  world: World,
  projectId: string,
  transferId: string,
  id: string,
  body: JsonObject,
): Schedule {
  const changes = readChanges(world, body);
  const schedule = findSchedule(world, projectId, transferId, id);
  if (!schedule) throw internalError();
  const before = { ...schedule };
  Object.assign(schedule, changes);
  if (!isDeepStrictEqual(before, schedule)) schedule.updatedAt = world.now();
  arm(world, schedule);
  return schedule;
}

export function deleteSchedule(world: World, projectId: string, transferId: string, id: string): void {
  const { lastExecutionStatus: status } = requireTransfer(world, projectId, transferId);
  if (isActive(status)) {
    throw badRequest(
      `Transfer Schedule cannot be deleted while the Transfer is in ${status} state. Please wait for the Transfer execution to finish`,
    );
  }
  const schedule = findSchedule(world, projectId, transferId, id);
  if (!schedule) throw remoteNotFound('No such schedule');
  schedule.deletedAt = world.now();
}

function findSchedule(world: World, projectId: string, transferId: string, id: string): Schedule | undefined {
  return schedulesOf(world, projectId, transferId, true).find((schedule) => schedule.id === id);
}

function readChanges(world: World, body: JsonObject): Partial<ScheduleFields> {
  const { schedule, enabled, shutdown_instance, auto_deploy } = body;
  if (schedule !== undefined && schedule !== null) refuseInvalid(TIMES_SCHEMA, schedule);
  // `null` means the same as absent, except for the expiration date.
  const given = Object.entries({ enabled, shutdown_instance, auto_deploy }).filter(
    ([, value]) => value !== undefined && value !== null,
  );
  refuseInvalid(BODY_SCHEMA, Object.fromEntries(given));
  return {
    ...(schedule ? { times: schedule } : {}),
    ...(typeof enabled === 'boolean' ? { enabled } : {}),
    ...(typeof shutdown_instance === 'boolean' ? { shutdownInstance: shutdown_instance } : {}),
    ...(typeof auto_deploy === 'boolean' ? { autoDeploy: auto_deploy } : {}),
    ...('expiration_date' in body
      ? { expirationDate: readExpirationDate(world, body['expiration_date']) }
      : {}),
  };
}

function refuseInvalid(schema: JsonObject, value: unknown): void {
  const problem = schemaProblem(schema, value);
  if (problem !== null) throw badRequest(problem);
}

/** ISO 8601; without a zone it is UTC. */
function readExpirationDate(world: World, given: unknown): number | null {
  if (given === null) return null;
  const text = pythonText(given);
  const zoned = /[T ].*(?:Z|[+-]\d\d:?\d\d)$/i.test(text) || !/[T ]/.test(text);
  const moment = Date.parse(zoned ? text : `${text}Z`);
  if (Number.isNaN(moment)) throw badRequest(`Unable to parse date string '${text}'`);
  if (moment < world.now() * 1000) throw badRequest('expiration_date is in the past');
  return Math.floor(moment / 1000);
}

/** What each schedule waits for; whatever was planned before a change no longer counts. */
const plans = new WeakMap<Schedule, object>();

/** Plans the next run of a schedule: schedules keep to the clock, however fast the work goes. */
function arm(world: World, schedule: Schedule): void {
  const plan = {};
  plans.set(schedule, plan);
  const time = schedule.enabled ? nextTime(schedule.times, world.now()) : null;
  if (time === null || (schedule.expirationDate !== null && schedule.expirationDate < time)) return;
  world.at(time, () => {
    if (plans.get(schedule) !== plan || schedule.deletedAt !== null) return;
    if (!world.conditions.has('silent-schedules')) fire(world, schedule);
    arm(world, schedule);
  });
}

/** Executes the transfer on behalf of whoever made the schedule. Whatever speaks against it, above all a run in progress, is skipped silently. */
function fire(world: World, schedule: Schedule): void {
  const { projectId, userId, transferId, shutdownInstance, autoDeploy } = schedule;
  const requester = { projectId, userId, trusted: true };
  try {
    const options = { shutdownInstances: shutdownInstance };
    const execution = executeTransfer(world, requester, transferId, options);
    if (autoDeploy) deployAfter(world, requester, transferId, execution);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
}
